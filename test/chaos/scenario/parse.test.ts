import test from 'ava';
import { parseScenario } from '../../../chaos/scenario/parse.js';
import { stretched } from '../../../chaos/scenario/scenario.js';
import { findScenario, shippedScenarios } from '../../../chaos/scenario/shipped.js';
import { POLICIES } from '../../../src/core/policy.js';

const HEAD = 'title T\nworkload register\n';
const parse = (text: string) => parseScenario('name', text, 'name.scenario');

test('a scenario says what happens when, and comments and blank lines say nothing', (t) => {
  const scenario = parse(`
    # a comment
    title Two words   # another one
    about First line,
    about second line.
    nodes 5
    policy PA/EC PC/EL
    workload register counters
    seconds 30
    late n2

    at 20s            heal
    at 1.5s for 2s    partition n1 | n2 n3, n4 > n5
    at 3s             latency n1 clients 100ms jitter 20ms
  `);
  t.is(scenario.title, 'Two words');
  t.is(scenario.about, 'First line, second line.');
  t.deepEqual([scenario.nodes, scenario.replicas, scenario.seconds], [5, 3, 30]);
  t.deepEqual(scenario.policies, ['PA/EC', 'PC/EL']);
  t.deepEqual(scenario.workloads, ['register', 'counters']);
  t.deepEqual(scenario.late, ['n2']);
  t.deepEqual(
    scenario.steps.map(({ atMs, forMs, action }) => [atMs, forMs, action]),
    [
      [1_500, 2_000, { kind: 'partition', expression: 'n1 | n2 n3, n4 > n5' }],
      [3_000, undefined, { kind: 'latency', from: 'n1', to: 'clients', ms: 100, jitterMs: 20 }],
      [20_000, undefined, { kind: 'heal' }],
    ],
  );
});

test('every action is read as it is written', (t) => {
  const actions = [
    ['bandwidth n1 n2 50KB/s', { kind: 'bandwidth', from: 'n1', to: 'n2', kbPerSecond: 50 }],
    ['resets * n3', { kind: 'resets', from: '*', to: 'n3' }],
    ['kill n1', { kind: 'kill', node: 'n1' }],
    ['pause n2', { kind: 'pause', node: 'n2' }],
    ['restart n3', { kind: 'restart', node: 'n3' }],
    ['stall-disk n1', { kind: 'stall-disk', node: 'n1' }],
    ['power-cut n1', { kind: 'power-cut', node: 'n1' }],
    ['slow-disk n1 250ms', { kind: 'slow-disk', node: 'n1', ms: 250 }],
    ['skew n1 +1h', { kind: 'skew', node: 'n1', offsetMs: 3_600_000 }],
    ['skew n1 -2s', { kind: 'skew', node: 'n1', offsetMs: -2_000 }],
    ['drift n1 -2.5%', { kind: 'drift', node: 'n1', ppm: -25_000 }],
    ['policy PA/EL', { kind: 'policy', policy: 'PA/EL' }],
  ] as const;
  for (const [written, action] of actions)
    t.deepEqual(parse(`${HEAD}at 1s ${written}`).steps[0]?.action, action, written);
});

test('what repeats is as many steps', (t) => {
  const { steps } = parse(`${HEAD}from 10s to 20s every 4s for 1s pause n1`);
  t.deepEqual(
    steps.map(({ atMs, forMs }) => [atMs, forMs]),
    [
      [10_000, 1_000],
      [14_000, 1_000],
      [18_000, 1_000],
    ],
  );
});

test('a run of another length stretches all times', (t) => {
  const { seconds, steps } = stretched(parse(`${HEAD}at 30s for 10s kill n1`), 20);
  t.deepEqual([seconds, steps[0]?.atMs, steps[0]?.forMs], [20, 10_000, 3_333]);
});

test('an error names the file, the line and what is wrong', (t) => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    [
      `${HEAD}at 1s particion n1`,
      /^name\.scenario:3: there is no action "particion"\. The actions are partition, latency/,
    ],
    [`${HEAD}at 1s kill n9`, /:3: there is no node n9, only n1, n2, n3/],
    [`${HEAD}at 1s partition n1 | n7`, /:3: .*there is no "n7"/],
    [`${HEAD}at soon kill n1`, /:3: "at" takes a time such as 10s, not "soon"/],
    [`${HEAD}at 1s for ever kill n1`, /:3: "for" takes a time such as 10s, not "ever"/],
    [`${HEAD}at 1s for 2s heal`, /:3: "heal" is over at once/],
    [`${HEAD}at 1s skew n1 1h`, /:3: .*is not how "skew" is written: skew n1 \+1h/],
    [`${HEAD}at 1s policy CP`, /:3: .*policy PA\/EC, one of PC\/EC/],
    [`${HEAD}at 61s heal`, /:3: it begins after the end of the run, which is at 60s/],
    [`${HEAD}from 1s every 2s pause n1`, /:3: "from" is written: from 10s to 50s every 4s for 2s ACTION/],
    [`${HEAD}from 1s to 60s every 1ms pause n1`, /:3: that is more than 1000 times/],
    [`${HEAD}policy PC/XX\nat 1s heal`, /:3: "policy" takes one or more of PC\/EC/],
    [`${HEAD}nodes many\nat 1s heal`, /:3: "nodes" takes a number from 1 to 9/],
    [`${HEAD}unknown thing`, /:3: there is no "unknown"\. A line begins with title/],
    ['title T\nworkload none\nat 1s heal', /:2: "workload" takes one or more of register/],
    [HEAD, /it has no step/],
    ['workload register\nat 1s heal', /it has no title/],
    [`${HEAD}late n4\nat 1s heal`, /there is no node n4/],
  ];
  for (const [text, message] of wrong) t.throws(() => parse(text), { code: 'INVALID_ARGUMENT', message }, text);
});

test('the shipped scenarios can be read, and cover every policy', async (t) => {
  const shipped = await shippedScenarios();
  t.true(shipped.length >= 12, `${shipped.length}`);
  t.true(shipped.every(({ title, about }) => title !== '' && about !== ''));
  const split = await findScenario('split-brain');
  t.deepEqual([...split.policies].sort(), [...POLICIES].sort());
});

test('a scenario that is not there is refused with those that are', async (t) => {
  await t.throwsAsync(findScenario('splitbrain'), { code: 'INVALID_ARGUMENT', message: /only bridge, clock-ahead/ });
  await t.throwsAsync(findScenario('./none.scenario'), { code: 'INVALID_ARGUMENT', message: /cannot be read/ });
});
