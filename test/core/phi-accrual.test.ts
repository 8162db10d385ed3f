import test from 'ava';
import fc from 'fast-check';
import { ArrivalTimes, phi } from '../../src/core/phi-accrual.js';

/** The upper tail of the normal distribution, from published tables: deviations above the mean, -log10 of the tail. */
const table = [
  { deviations: 0, expected: 0.301 },
  { deviations: 1, expected: 0.7995 },
  { deviations: 2, expected: 1.643 },
  { deviations: 3, expected: 2.87 },
  { deviations: 4, expected: 4.499 },
];
for (const { deviations, expected } of table) {
  test(`a silence ${deviations} deviations above the mean has a phi near ${expected}`, (t) => {
    const value = phi(100 + deviations * 20, 100, 20);
    // The approximation is absolute in the probability, so that it is rougher far out.
    t.true(Math.abs(value - expected) < 0.12 * Math.max(1, expected), `${value}`);
  });
}

test('phi never falls while the silence lasts', (t) => {
  let last = 0;
  for (let silenceMs = 0; silenceMs < 1_000; silenceMs += 10) {
    const value = phi(silenceMs, 100, 50);
    t.true(value >= last, `${silenceMs}`);
    last = value;
  }
  t.true(phi(1e9, 100, 50) > 8);
});

test('mean and deviation are those of the last arrivals, earlier ones are forgotten', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 40 }), (intervals) => {
      const arrivals = new ArrivalTimes(8);
      for (const interval of intervals) arrivals.add(interval);
      const last = intervals.slice(-8);
      const mean = last.reduce((sum, ms) => sum + ms, 0) / last.length;
      const variance = last.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / last.length;
      t.is(arrivals.count, last.length);
      t.true(Math.abs(arrivals.meanMs - mean) < 1e-6);
      t.true(Math.abs(arrivals.deviationMs - Math.sqrt(variance)) < 1e-3);
    }),
  );
});
