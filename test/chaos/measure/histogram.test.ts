import test from 'ava';
import { Histogram } from '../../../chaos/measure/histogram.js';
import { SeededRandom } from '../../../chaos/measure/seeded-random.js';

test('percentiles are within one percent, from microseconds to minutes', (t) => {
  const random = new SeededRandom(11);
  const histogram = new Histogram();
  const durations = Array.from({ length: 100_000 }, () => 10 ** (random.unit() * 8 - 3));
  for (const duration of durations) histogram.record(duration);
  durations.sort((a, b) => a - b);
  for (const percent of [0.1, 1, 25, 50, 90, 99, 99.9, 100]) {
    const exact = durations[Math.ceil((percent / 100) * durations.length) - 1]!;
    const seen = histogram.percentileMs(percent);
    t.true(Math.abs(seen / exact - 1) <= 0.0101, `p${percent}: ${seen} for ${exact}`);
  }
  t.is(histogram.count, durations.length);
  t.is(histogram.maxMs, durations.at(-1)!);
});

test('a percentile is a duration that so many are not above', (t) => {
  const histogram = new Histogram();
  for (let i = 0; i < 99; i += 1) histogram.record(1);
  histogram.record(100);
  t.true(Math.abs(histogram.percentileMs(99) - 1) < 0.01);
  t.true(Math.abs(histogram.percentileMs(99.9) - 100) < 1);
});

test('an empty histogram, and durations beyond its range, do no harm', (t) => {
  const histogram = new Histogram();
  t.is(histogram.percentileMs(50), 0);
  histogram.record(0);
  t.is(histogram.percentileMs(50), 0);
  histogram.record(1e12);
  t.is(histogram.maxMs, 1e12);
  t.is(histogram.count, 2);
});
