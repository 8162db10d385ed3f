import fc from 'fast-check';
import test from 'ava';
import { CacheAnalytics, SLICE_MS, type Lookup } from '../../src/edge/cache-analytics.js';
import { HotKeys } from '../../src/edge/hot-keys.js';

const lookup = (fields: Partial<Lookup>): Lookup => ({
  key: 'user/1',
  outcome: 'hit',
  heldAgeMs: undefined,
  bytes: 100,
  tookMs: 1,
  ...fields,
});

test('nothing counts before the first lookup', (t) => {
  t.like(new CacheAnalytics().report(0), { hitRatio: 0, byteHitRatio: 0, latency: { given: undefined }, keys: [] });
});

test('ratios are of what did not wait for the cluster, by number and by bytes', (t) => {
  const analytics = new CacheAnalytics();
  analytics.record(lookup({ outcome: 'miss', bytes: 700 }), 0);
  analytics.record(lookup({ outcome: 'hit' }), 0);
  analytics.record(lookup({ outcome: 'refreshing' }), 0);
  analytics.record(lookup({ outcome: 'revalidated' }), 0);
  const report = analytics.report(0);
  t.like(report, { hitRatio: 0.5, byteHitRatio: 0.2, bytes: 1_000, bytesSaved: 300 });
  t.like(report.lookups, { miss: 1, hit: 1, refreshing: 1, revalidated: 1, failed: 0 });
});

test('an age is judged by whether what was held at it had changed', (t) => {
  const analytics = new CacheAnalytics();
  analytics.record(lookup({ outcome: 'revalidated', heldAgeMs: 100 }), 0);
  analytics.record(lookup({ outcome: 'changed', heldAgeMs: 101 }), 0);
  analytics.record(lookup({ outcome: 'revalidated', heldAgeMs: 250 }), 0);
  analytics.record(lookup({ outcome: 'changed', heldAgeMs: 1_000_000 }), 0);
  // Nobody looked whether these had.
  analytics.record(lookup({ outcome: 'hit', heldAgeMs: 50 }), 0);
  analytics.record(lookup({ outcome: 'fallback', heldAgeMs: 50 }), 0);
  analytics.record(lookup({ outcome: 'miss' }), 0);
  t.deepEqual(
    analytics.report(0).ages.filter(({ asked }) => asked > 0),
    [
      { upToMs: 100, asked: 1, changed: 0 },
      { upToMs: 300, asked: 2, changed: 1 },
      { upToMs: null, asked: 1, changed: 1 },
    ],
  );
});

test('the timeline forgets what is five minutes old, a slice at a time; the counts do not', (t) => {
  const analytics = new CacheAnalytics();
  analytics.record(lookup({ outcome: 'miss' }), 0);
  analytics.record(lookup({}), SLICE_MS);
  const hits = (nowMs: number): number[] => analytics.report(nowMs).timeline.map(({ hit, miss }) => 10 * miss + hit);
  t.deepEqual(hits(SLICE_MS).slice(-2), [10, 1]);
  t.deepEqual(hits(59 * SLICE_MS).slice(0, 2), [10, 1]);
  t.deepEqual(hits(60 * SLICE_MS).slice(0, 2), [1, 0]);
  t.like(analytics.report(1_000 * SLICE_MS), { lookups: { hit: 1, miss: 1 }, latency: { given: undefined } });
});

test('keys and prefixes are listed by how often they are read, and how often without asking', (t) => {
  const analytics = new CacheAnalytics();
  for (const [key, outcome] of [
    ['user/1', 'miss'],
    ['user/2', 'hit'],
    ['user/1', 'hit'],
    ['plain', 'hit'],
  ] as const)
    analytics.record(lookup({ key, outcome }), 0);
  const { keys, prefixes } = analytics.report(0);
  t.deepEqual(keys[0], { name: 'user/1', count: 2, error: 0, given: 1 });
  t.deepEqual(
    prefixes.map(({ name, count, given }) => [name, count, given]),
    [
      ['user/', 3, 2],
      ['(no slash)', 1, 1],
    ],
  );
});

test('the most frequent names are found in bounded memory, and a count is off by no more than it says', (t) => {
  const capacity = 8;
  const streams = fc.array(
    fc.nat({ max: 30 }).map((n) => `k${Math.floor(n * Math.sqrt(n))}`),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(streams, (names) => {
      const hot = new HotKeys(capacity);
      const exact = new Map<string, number>();
      for (const name of names) {
        hot.add(name, true);
        exact.set(name, (exact.get(name) ?? 0) + 1);
      }
      const top = hot.top(100);
      t.true(top.length <= capacity);
      for (const { name, count, error, given } of top) {
        const truth = exact.get(name)!;
        t.true(count >= truth && count - error <= truth);
        t.is(given, count - error);
      }
      for (const [name, count] of exact) {
        if (count > names.length / capacity)
          t.true(
            top.some((one) => one.name === name),
            name,
          );
      }
    }),
  );
});
