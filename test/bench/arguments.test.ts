import test from 'ava';
import { CommanderError } from 'commander';
import { parseArguments } from '../../bench/arguments.js';

function parsed(...argv: string[]): ReturnType<typeof parseArguments> {
  return parseArguments(argv, () => undefined);
}

test('without arguments there is the usual run', (t) => {
  const { selection, ...options } = parsed();
  t.deepEqual(options, {
    seconds: 2,
    keys: 20_000,
    nodes: 3,
    seed: 1,
    json: false,
    checkMarks: false,
  });
  t.false(selection.full);
  t.true(Object.values({ ...selection, full: undefined }).every((choice) => choice === undefined));
});

test('lists are separated by commas, and what is given twice counts once', (t) => {
  const { selection } = parsed('--only', 'get-one, ycsb-a', '--concurrency', '1,16,16', '--value-bytes', '16');
  t.deepEqual(selection.workloads, ['get-one', 'ycsb-a']);
  t.deepEqual(selection.concurrency, [1, 16]);
  t.deepEqual(selection.valueBytes, [16]);
});

test('every other option is taken over', (t) => {
  const options = parsed(
    ...['--seconds', '0.5', '--keys', '10', '--nodes', '5', '--replicas', '2', '--policy', 'pa/el', '--seed', '9'],
    ...['--json', '--check-marks', '--full', '--distribution', 'zipfian', '--markdown', 'a.md', '--profile', 'b'],
  );
  t.like(options, { seconds: 0.5, keys: 10, nodes: 5, replicas: 2, policy: 'PA/EL', seed: 9 });
  t.like(options, { json: true, checkMarks: true, markdown: 'a.md', profile: 'b' });
  t.like(options.selection, { full: true, distribution: 'zipfian' });
});

test('what makes no sense is refused with a reason', (t) => {
  const refusals: [string[], RegExp][] = [
    [['--only', 'get-two'], /"get-two" is none of/],
    [['--seconds', '0'], /from 0.1/],
    [['--concurrency', '1,x'], /whole number from 1/],
    [['--value-bytes', '1048577'], /to 1048576/],
    [['--policy', 'CP'], /one of PC\/EC/],
    [['--distribution', 'normal'], /uniform, zipfian/],
    [['--frobnicate'], /unknown option/],
    [['stray'], /too many arguments/],
  ];
  for (const [argv, reason] of refusals) {
    let said = '';
    const error = t.throws(() => parseArguments(argv, (text) => (said += text)), { instanceOf: CommanderError });
    t.not(error.exitCode, 0);
    t.regex(said, reason);
  }
});

test('the help names every workload and shows how to use it', (t) => {
  let said = '';
  const error = t.throws(() => parseArguments(['--help'], (text) => (said += text)), { instanceOf: CommanderError });
  t.is(error.exitCode, 0);
  for (const part of ['put-all', 'ycsb-f', 'npm run bench -- --only', 'Exit codes']) t.true(said.includes(part), part);
});
