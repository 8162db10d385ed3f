import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { serializeHistory, type HistoryEvent } from '../../chaos/history.js';
import { cliIn, RunningCli } from './run-cli.js';

const receipt = { guarantee: 'linearizable' } as const;

function put(process: string, time: number, value: string): HistoryEvent[] {
  const head = { process, key: 'k', kind: 'put' } as const;
  return [
    { type: 'invoke', time, value, op: `${process}-${time}`, ...head },
    { type: 'ok', time: time + 1, version: `v${value}`, receipt, ...head },
  ];
}

function get(process: string, time: number, value: string): HistoryEvent[] {
  const head = { process, key: 'k', kind: 'get' } as const;
  return [
    { type: 'invoke', time, ...head },
    { type: 'ok', time: time + 1, value, version: `v${value}`, receipt, ...head },
  ];
}

const GOOD = [...put('c1', 0, 'a'), ...put('c1', 2, 'b'), ...get('c2', 4, 'b')];
const STALE = [...put('c1', 0, 'a'), ...put('c1', 2, 'b'), ...get('c2', 4, 'a')];
/** Overlapping operations enough for a budget of one. */
const HARD = Array.from({ length: 6 }, (_, index) => put(`c${index}`, 0, String(index)))
  .flatMap(([invoke]) => [invoke!])
  .concat(
    Array.from(
      { length: 6 },
      (_, index) => ({ ...put(`c${index}`, 9, String(index))[1]!, version: undefined }) as never,
    ),
  )
  .concat(get('r', 20, '3'));

async function withFile(
  t: { teardown: (run: () => Promise<void>) => void },
  text: string,
): Promise<{ folder: string; check: (...args: readonly string[]) => ReturnType<ReturnType<typeof cliIn>> }> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-check-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'history'), text);
  return { folder, check: (...args) => cliIn(folder)('check', 'history', ...args) };
}

test('a history that every checker finds valid is exit code 0', async (t) => {
  const { check } = await withFile(t, serializeHistory(GOOD));
  const { code, out, err } = await check('--replicas', '3');
  t.deepEqual([code, err], [0, '']);
  t.regex(out, /linearizability +valid/);
  t.regex(out, /Verdict: valid/);
});

test('a refuted history is exit code 1, with the counterexample as text and as a page', async (t) => {
  const { check, folder } = await withFile(t, serializeHistory(STALE));
  const { code, out } = await check('--html', 'why.html');
  t.is(code, 1);
  t.regex(out, /linearizability +invalid/);
  t.regex(out, /cannot be explained/);
  t.regex(await readFile(join(folder, 'why.html'), 'utf8'), /<svg/);
});

test('--json prints the verdicts as one document', async (t) => {
  const { check } = await withFile(t, serializeHistory(STALE));
  const { code, out } = await check('--json');
  t.is(code, 1);
  const { verdict, operations, verdicts } = JSON.parse(out) as {
    verdict: string;
    operations: number;
    verdicts: { checker: string; verdict: string }[];
  };
  t.deepEqual([verdict, operations], ['invalid', 3]);
  t.is(verdicts.find(({ checker }) => checker === 'linearizability')?.verdict, 'invalid');
});

test('a register log of Jepsen is judged too', async (t) => {
  const line = (process: number, type: string, operation: string): string =>
    `INFO  jepsen.util - ${process}\t:${type}\t${operation}`;
  const write = [line(0, 'invoke', ':write\t3'), line(0, 'ok', ':write\t3')];
  const read = (value: number): string[] => [line(1, 'invoke', ':read\tnil'), line(1, 'ok', `:read\t${value}`)];
  const good = await withFile(t, [...write, ...read(3)].join('\n'));
  t.is((await good.check()).code, 0);
  const bad = await withFile(t, [...write, ...read(4)].join('\n'));
  t.is((await bad.check()).code, 1);
});

test('a history that is too hard for the budget is exit code 3', async (t) => {
  const { check } = await withFile(t, serializeHistory(HARD));
  const { code, out } = await check('--budget', '1');
  t.is(code, 3, out);
});

test('what is no history is exit code 2, and says what is wrong with it', async (t) => {
  const { check } = await withFile(t, '{"type":"invoke"}\n');
  const { code, err } = await check();
  t.is(code, 2);
  t.regex(err, /line 1 of the history: "process" is missing/);
  const empty = await withFile(t, '\n');
  t.is((await empty.check()).code, 2);
  const missing = await cliIn(empty.folder)('check', 'nowhere');
  t.is(missing.code, 2);
  t.regex(missing.err, /cannot be read/);
});

test('a history is read from standard input', async (t) => {
  const { folder } = await withFile(t, '');
  t.is((await new RunningCli(folder, ['check', '-'], serializeHistory(GOOD)).finished).code, 0);
});
