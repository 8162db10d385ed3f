import test from 'ava';
import { planOf, UNDER_WAY_BYTES_MAX } from '../../bench/plan.js';
import { STORE_WORKLOAD_NAMES } from '../../bench/workloads.js';

test('the usual run has every workload at the usual size, and looks at other sizes and concurrencies', (t) => {
  const { groups, leftOut } = planOf({ full: false });
  t.deepEqual(
    groups[0]!.cases.map(({ workload }) => workload),
    STORE_WORKLOAD_NAMES,
  );
  t.deepEqual([groups[0]!.valueBytes, groups[0]!.concurrency], [100, 256]);
  t.deepEqual(
    [...new Set(groups.map(({ concurrency }) => concurrency))].sort((a, b) => a - b),
    [1, 16, 64, 256, 1024],
  );
  t.is(Math.max(...groups.map(({ valueBytes }) => valueBytes)), 262_144);
  t.deepEqual(leftOut, []);
});

test('a choice is combined with the usual of everything else', (t) => {
  const { groups } = planOf({ full: false, workloads: ['ycsb-a', 'get-one'], concurrency: [4, 8] });
  t.deepEqual(groups, [
    {
      valueBytes: 100,
      concurrency: 4,
      cases: [
        { workload: 'ycsb-a', distribution: 'zipfian', valueBytes: 100, concurrency: 4 },
        { workload: 'get-one', distribution: 'uniform', valueBytes: 100, concurrency: 4 },
      ],
    },
    {
      valueBytes: 100,
      concurrency: 8,
      cases: [
        { workload: 'ycsb-a', distribution: 'zipfian', valueBytes: 100, concurrency: 8 },
        { workload: 'get-one', distribution: 'uniform', valueBytes: 100, concurrency: 8 },
      ],
    },
  ]);
});

test('a full run combines everything with everything, but for what does not fit', (t) => {
  const { groups, leftOut } = planOf({ full: true });
  const cases = groups.flatMap((group) => group.cases);
  // Two distributions each, but for the mix that reads the latest keys and the puts of new ones; and the counters.
  t.is(cases.length + leftOut.length, (STORE_WORKLOAD_NAMES.length * 2 - 2) * 5 * 5 + 2);
  t.true(cases.every(({ valueBytes, concurrency }) => valueBytes * concurrency <= UNDER_WAY_BYTES_MAX));
  t.deepEqual([...new Set(leftOut.map((one) => `${one.valueBytes} ${one.concurrency}`))], ['262144 1024']);
});

test('counters are incremented by 64 callers, in the usual run and in a full one, and as asked for otherwise', (t) => {
  for (const full of [false, true]) {
    const cases = planOf({ full }).groups.flatMap((group) => group.cases);
    t.deepEqual(
      cases.filter(({ workload }) => workload.startsWith('cas-')),
      [
        { workload: 'cas-one-key', distribution: 'uniform', valueBytes: 100, concurrency: 64 },
        { workload: 'cas-10k-keys', distribution: 'uniform', valueBytes: 100, concurrency: 64 },
      ],
    );
  }
  const { groups } = planOf({ full: false, workloads: ['cas-one-key'], concurrency: [8] });
  t.deepEqual(
    groups.flatMap((group) => group.cases),
    [{ workload: 'cas-one-key', distribution: 'uniform', valueBytes: 100, concurrency: 8 }],
  );
});
