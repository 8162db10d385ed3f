import test from 'ava';
import { balancingLines, measureBalancing, unevenness } from '../../bench/balancing.js';

test('both ways are measured with all nodes well and with one paused, and every node but the paused one has its calls', async (t) => {
  const options = { seconds: 0.2, keys: 50, seed: 1, nodes: 3, replicas: 3, policy: undefined };
  const { rows, clients } = await measureBalancing(options);
  t.deepEqual(
    rows.map(({ way, paused }) => [way, paused]),
    [
      ['L4', null],
      ['L7', null],
      ['L4', 'n3'],
      ['L7', 'n3'],
    ],
  );
  for (const { opsPerSecond, p99Ms, longestStallMs, callsByNode } of rows) {
    t.true(opsPerSecond > 0 && p99Ms > 0 && longestStallMs > 0);
    t.true(callsByNode.n1! > 0 && callsByNode.n2! > 0);
  }
  const [l4, l7] = rows.map(({ connectionsByNode }) =>
    Object.values(connectionsByNode).reduce((sum, count) => sum + count, 0),
  );
  t.true(l4! > 0 && l4! <= clients, 'each client knows the way to one node');
  t.true(l7! > clients, 'each client knows the way to several');
});

test('the table has each way beside the other under the same circumstances', (t) => {
  const row = { p99Ms: 2.5, cpuMicrosPerCall: 40, failed: 0, longestStallMs: 12, connectionsByNode: { n1: 4, n2: 4 } };
  const lines = balancingLines({
    clients: 8,
    callsEach: 2,
    seconds: 2,
    pausedSeconds: 6,
    rows: [
      { ...row, way: 'L4', paused: null, opsPerSecond: 900, callsByNode: { n1: 30, n2: 10 } },
      { ...row, way: 'L7', paused: null, opsPerSecond: 1_000, callsByNode: { n1: 20, n2: 20 } },
      { ...row, way: 'L4', paused: 'n2', opsPerSecond: 100, callsByNode: { n1: 9, n2: 0 }, failed: 7 },
      { ...row, way: 'L7', paused: 'n2', opsPerSecond: 500, callsByNode: { n1: 9, n2: 0 } },
    ],
  });
  t.regex(lines[5]!, /^\| L4 +\| +900 \| +0\.90 \| +2\.5 \| +40 \| +75 % 25 % \| +1\.50 \| +4 4 \| +0 \| +12 \|$/);
  t.regex(lines[7]!, /^\| L4, n2 paused \| +100 \| +0\.20 .* \| +1\.00 \| +4 4 \| +7 \| +12 \|$/);
});

test('unevenness is 1 where all nodes have as much, and the number of nodes where one has everything', (t) => {
  t.is(unevenness({ a: 5, b: 5, c: 5 }), 1);
  t.is(unevenness({ a: 9, b: 0, c: 0 }), 3);
  t.is(unevenness({ a: 0, b: 0 }), 1);
});
