import test from 'ava';
import fc from 'fast-check';
import { TokenBucket, type TokenBucketOptions } from '../../src/core/token-bucket.js';
import { FulcrumError } from '../../src/core/errors.js';

/** How much is taken in `durationMs` by someone who asks again exactly when told to. */
function takenWithin(bucket: TokenBucket, cost: number, fromMs: number, durationMs: number): number {
  let taken = 0;
  for (let nowMs = fromMs; nowMs < fromMs + durationMs;) {
    const answer = bucket.tryTake(cost, nowMs);
    if (answer.granted) taken += cost;
    else nowMs += answer.retryAfterMs;
  }
  return taken;
}

function emptied(options: TokenBucketOptions, nowMs: number): TokenBucket {
  const bucket = new TokenBucket(options);
  bucket.tryTake(bucket.burst, nowMs);
  return bucket;
}

test('it starts with its burst, and says when there is more', (t) => {
  const bucket = new TokenBucket({ ratePerSecond: 10, burst: 3 });
  for (let take = 0; take < 3; take += 1) t.deepEqual(bucket.tryTake(1, 1_000), { granted: true });
  t.deepEqual(bucket.tryTake(1, 1_000), { granted: false, retryAfterMs: 100 });
  t.deepEqual(bucket.tryTake(1, 1_060), { granted: false, retryAfterMs: 40 });
  t.true(bucket.tryTake(1, 1_100).granted);
  t.false(bucket.tryTake(1, 1_100).granted);
});

test('a refusal takes nothing', (t) => {
  const bucket = new TokenBucket({ ratePerSecond: 1, burst: 10 });
  t.true(bucket.tryTake(6, 0).granted);
  for (let time = 0; time < 5; time += 1) t.false(bucket.tryTake(5, 0).granted);
  t.true(bucket.tryTake(4, 0).granted);
});

test('it holds no more than its burst, however long nobody asks', (t) => {
  const bucket = emptied({ ratePerSecond: 1_000, burst: 5 }, 0);
  t.true(bucket.tryTake(5, 1e12).granted);
  t.false(bucket.tryTake(0.001, 1e12).granted);
});

test('costs may be fractions, and nothing costs nothing', (t) => {
  const bucket = new TokenBucket({ ratePerSecond: 1, burst: 1 });
  for (let take = 0; take < 4; take += 1) t.true(bucket.tryTake(0.25, 0).granted);
  t.deepEqual(bucket.tryTake(0.25, 0), { granted: false, retryAfterMs: 250 });
  t.true(bucket.tryTake(0, 0).granted);
});

test("the burst is a second's worth where it is not given, and one at least", (t) => {
  t.is(new TokenBucket({ ratePerSecond: 50 }).burst, 50);
  t.is(new TokenBucket({ ratePerSecond: 0.1 }).burst, 1);
});

test('a clock that stands still gives nothing', (t) => {
  const bucket = emptied({ ratePerSecond: 1e6, burst: 10 }, 500);
  for (let time = 0; time < 1_000; time += 1) t.false(bucket.tryTake(1, 500).granted);
});

test('a clock that goes back gives nothing, neither then nor when it has caught up', (t) => {
  const bucket = emptied({ ratePerSecond: 1_000, burst: 100 }, 10_000);
  for (const nowMs of [9_000, 9_999, 5, 10_000]) t.false(bucket.tryTake(1, nowMs).granted, `${nowMs}`);
  t.deepEqual(bucket.tryTake(1, 9_000), { granted: false, retryAfterMs: 1_001 });
  t.true(bucket.tryTake(5, 10_005).granted);
  t.false(bucket.tryTake(0.1, 10_005).granted);
});

for (const [ratePerSecond, burst, cost] of [
  [100, 1, 1],
  [100, 20, 1],
  [300_000, 1_000, 1],
  [7, 7, 3],
  [0.9, 1, 0.3],
  [1_000, 50, 33.3],
] as const) {
  test(`${ratePerSecond} a second, ${cost} of ${burst} at a time, is kept within 1 % over 10 s`, (t) => {
    // Uneven numbers a long time after the process started, where the clock is least exact.
    const bucket = emptied({ ratePerSecond, burst }, 8.64e8 + 0.123_456);
    const taken = takenWithin(bucket, cost, 8.64e8 + 0.123_456, 10_000);
    t.true(Math.abs(taken - 10 * ratePerSecond) <= Math.max(0.1 * ratePerSecond, 1.001 * cost), `${taken}`);
  });
}

const anyOptions = fc.record({
  ratePerSecond: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
  burst: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
});
const anyAsk = fc.record({
  /** Of the burst. */
  share: fc.oneof(fc.constantFrom(0.001, 0.1, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  /** Backwards, too. */
  passMs: fc.oneof(fc.constantFrom(-5_000, -1, 0, 0, 0.001, 1), fc.double({ min: 0, max: 50, noNaN: true })),
});

test('no stretch of time gets more than the burst and what the rate gives in it', (t) => {
  fc.assert(
    fc.property(anyOptions, fc.array(anyAsk, { maxLength: 60 }), (options, asks) => {
      const bucket = new TokenBucket(options);
      const taken: { latestMs: number; cost: number }[] = [];
      let nowMs = 1_000;
      // Time as it can have passed at most, refused asks included: what goes back may be lived through again, but gives nothing.
      let latestMs = -Infinity;
      for (const { share, passMs } of asks) {
        nowMs += passMs;
        latestMs = Math.max(latestMs, nowMs);
        const cost = share * bucket.burst;
        if (bucket.tryTake(cost, nowMs).granted) taken.push({ latestMs, cost });
      }
      for (const [first, { latestMs: fromMs }] of taken.entries()) {
        let sum = 0;
        for (const { latestMs: untilMs, cost } of taken.slice(first)) {
          sum += cost;
          const most = options.burst + (options.ratePerSecond * (untilMs - fromMs)) / 1_000;
          t.true(sum <= most * (1 + 1e-6), `${sum} of ${most}`);
        }
      }
    }),
  );
});

test('whoever comes back when told to is served, and not much earlier', (t) => {
  fc.assert(
    fc.property(anyOptions, fc.double({ min: 0.01, max: 1, noNaN: true }), fc.nat(1e9), (options, share, nowMs) => {
      const bucket = emptied(options, nowMs);
      const cost = share * bucket.burst;
      const early = bucket.tryTake(cost, nowMs);
      if (early.granted) return;
      t.false(bucket.tryTake(cost, nowMs + early.retryAfterMs * 0.99 - 0.002).granted);
      t.true(bucket.tryTake(cost, nowMs + early.retryAfterMs + 0.001).granted);
    }),
  );
});

test('a wait is never so short that the clock cannot show it', (t) => {
  const bucket = emptied({ ratePerSecond: 1_000, burst: 1 }, 1e9);
  for (let nowMs = 1e9; nowMs < 1e9 + 10; nowMs += 0.000_3) {
    const answer = bucket.tryTake(1, nowMs);
    if (!answer.granted) t.not(nowMs + answer.retryAfterMs, nowMs);
  }
});

test('what rounding lets through is owed: many tiny costs get nothing out of it', (t) => {
  const bucket = emptied({ ratePerSecond: 1, burst: 100 }, 0);
  let taken = 0;
  for (let time = 0; time < 1_000; time += 1) if (bucket.tryTake(1e-8, 0).granted) taken += 1;
  t.true(taken <= 11, `${taken}`);
});

test('settings and costs that make no sense are refused', (t) => {
  const refused = { instanceOf: FulcrumError, code: 'INVALID_ARGUMENT' };
  for (const ratePerSecond of [0, -1, NaN, Infinity]) t.throws(() => new TokenBucket({ ratePerSecond }), refused);
  for (const burst of [0, -1, NaN, Infinity]) t.throws(() => new TokenBucket({ ratePerSecond: 1, burst }), refused);
  const bucket = new TokenBucket({ ratePerSecond: 1, burst: 5 });
  for (const cost of [-1, 5.1, NaN]) t.throws(() => bucket.tryTake(cost, 0), { ...refused, message: /cost must be/ });
});
