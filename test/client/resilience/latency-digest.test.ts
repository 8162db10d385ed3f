import test from 'ava';
import fc from 'fast-check';
import { LatencyDigest } from '../../../src/client/resilience/latency-digest.js';

function digestOf(latencies: readonly number[], nowMs = 0): LatencyDigest {
  const digest = new LatencyDigest();
  for (const latencyMs of latencies) digest.record(latencyMs, nowMs);
  return digest;
}

/** The smallest latency that the share `q` does not exceed. */
function exact(latencies: readonly number[], q: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
}

test('an empty digest has no quantiles', (t) => {
  t.is(new LatencyDigest().quantile(0.5, 0), undefined);
});

test('quantiles are at most a sixteenth above the exact ones and never below', (t) => {
  const anyLatency = fc.oneof(
    fc.double({ min: 0, max: 0.05, noNaN: true }),
    fc.double({ min: 0, max: 20, noNaN: true }),
    fc.double({ min: 0, max: 60_000, noNaN: true }),
    fc.nat(26).map((power) => 2 ** power / 1_000),
  );
  const anyQuantile = fc.oneof(fc.constantFrom(0, 0.5, 0.99, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(anyLatency, { minLength: 1, maxLength: 200 }), anyQuantile, (latencies, q) => {
      const truth = exact(latencies, q);
      const told = digestOf(latencies).quantile(q, 0)!;
      t.true(told >= truth && told <= truth + truth / 16 + 0.001, `${told} for ${truth}`);
    }),
  );
});

test('what is out of range counts at its end', (t) => {
  t.is(digestOf([-5]).quantile(1, 0), 0.001);
  for (const latencyMs of [68_000, 1e12, Infinity]) t.is(digestOf([latencyMs]).quantile(1, 0), 2 ** 26 / 1_000);
});

test('it forgets what has left the window, a slice at a time', (t) => {
  const digest = new LatencyDigest({ windowMs: 6_000, slices: 6 });
  for (let second = 0; second < 6; second += 1) digest.record(second + 1, second * 1_000);
  for (let second = 5; second <= 11; second += 1) {
    t.is(digest.samples(second * 1_000), 11 - second);
    const least = digest.quantile(0, second * 1_000);
    t.is(least === undefined ? undefined : Math.floor(least), second === 11 ? undefined : second - 4);
  }
});

test('it agrees with the latencies of the last slices, whatever the pauses', (t) => {
  const anyRecord = fc.record({
    latencyMs: fc.nat(1_000),
    passMs: fc.constantFrom(0, 0, 1, 999, 1_000, 3_500, 20_000),
  });
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 60 }), (records) => {
      const digest = new LatencyDigest({ windowMs: 6_000, slices: 6 });
      const all: { slice: number; latencyMs: number }[] = [];
      let nowMs = 0;
      for (const { latencyMs, passMs } of records) {
        nowMs += passMs;
        digest.record(latencyMs, nowMs);
        all.push({ slice: Math.floor(nowMs / 1_000), latencyMs });
        const recent = all.filter(({ slice }) => slice > Math.floor(nowMs / 1_000) - 6);
        t.is(digest.samples(nowMs), recent.length);
        const kept = digestOf(recent.map((one) => one.latencyMs));
        for (const q of [0, 0.5, 1]) t.is(digest.quantile(q, nowMs), kept.quantile(q, 0));
      }
    }),
  );
});

test('a clock that goes back forgets nothing', (t) => {
  const digest = digestOf([1, 2, 3], 100_000);
  digest.record(4, 5_000);
  t.is(digest.samples(5_000), 4);
  t.is(digest.samples(100_000), 4);
});

test('settings and quantiles that make no sense are refused', (t) => {
  t.throws(() => new LatencyDigest({ windowMs: 0 }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new LatencyDigest({ slices: 0 }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new LatencyDigest().quantile(1.1, 0), { message: /q must be a number at least 0 and at most 1/ });
});
