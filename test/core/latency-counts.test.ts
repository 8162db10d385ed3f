import test from 'ava';
import { LatencyCounts, mergeLatencies } from '../../src/core/latency-counts.js';

function counting(...latencies: number[]): LatencyCounts {
  const counts = new LatencyCounts();
  for (const latency of latencies) counts.record(latency);
  return counts;
}

const within = (value: number | undefined, exact: number): boolean =>
  value !== undefined && value >= exact && value <= exact * (1 + 1 / 16) + 0.001;

test('a quantile is above the exact one by a sixteenth at most', (t) => {
  const counts = counting(...Array.from({ length: 1_000 }, (_, index) => index + 1));
  t.true(within(counts.quantileMs(0.5), 500));
  t.true(within(counts.quantileMs(0.99), 990));
});

test('nothing recorded has no quantile, and an empty distribution', (t) => {
  t.deepEqual(counting().latency(), { p50Ms: undefined, p99Ms: undefined, belowMs: [], counts: [] });
});

test('the distribution lists every latency once, by rising bounds', (t) => {
  const { belowMs, counts } = counting(1, 1, 7, 300).latency();
  t.deepEqual(counts, [2, 1, 1]);
  t.deepEqual(
    belowMs.map((bound, index) => within(bound, [1, 7, 300][index]!)),
    [true, true, true],
  );
});

test('distributions of several nodes merge into that of all', (t) => {
  const [a, b] = [counting(1, 2, 3, 500), counting(2, 3, 4, 1_000)];
  const both = counting(1, 2, 3, 500, 2, 3, 4, 1_000).latency();
  t.deepEqual(mergeLatencies([a.latency(), b.latency()]), both);
  a.add(b);
  t.deepEqual(a.latency(), both);
  t.deepEqual(mergeLatencies([]), counting().latency());
});

test('clearing forgets everything', (t) => {
  const counts = counting(5, 6);
  counts.clear();
  t.deepEqual(counts.latency(), counting().latency());
  t.is(counts.sumMs, 0);
});

test('latencies are told by coarser bounds too, never below the bucket that holds them', (t) => {
  t.deepEqual(counting(0.5, 0.9, 3, 20, 5_000).between([0.001, 0.01, 0.1]), [2, 1, 1, 1]);
});
