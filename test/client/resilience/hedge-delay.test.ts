import test from 'ava';
import { HedgeDelay, type HedgeDelayOptions } from '../../../src/client/resilience/hedge-delay.js';

/** A hundred latencies, two of them `slowMs`: their p99. */
function observed(fastMs: number, slowMs: number, options: HedgeDelayOptions = {}): HedgeDelay {
  const hedge = new HedgeDelay(options);
  for (let index = 0; index < 100; index += 1) hedge.observe(index < 98 ? fastMs : slowMs, 0);
  return hedge;
}

test('without enough latencies nobody hedges', (t) => {
  const hedge = new HedgeDelay();
  for (let index = 0; index < 99; index += 1) hedge.observe(20, 0);
  t.is(hedge.delayMs(0, 0), undefined);
  hedge.observe(20, 0);
  t.is(hedge.delayMs(0, 99), undefined, 'it is worked out ten times a second');
  t.not(hedge.delayMs(0, 100), undefined);
});

for (const [slowMs, least, most] of [
  [0.3, 10, 10],
  [9, 10, 10],
  [40, 40, 42.6],
  [499, 499, 500],
  [5_000, 500, 500],
] as const) {
  test(`a p99 of ${slowMs} ms is a delay of ${least} to ${most} ms`, (t) => {
    const delayMs = observed(0.2, slowMs).delayMs(0, 0)!;
    t.true(delayMs >= least && delayMs <= most, `${delayMs}`);
  });
}

test('one slow call in a hundred is not the p99', (t) => {
  const hedge = new HedgeDelay();
  for (let index = 0; index < 100; index += 1) hedge.observe(index === 50 ? 400 : 20, 0);
  t.true(hedge.delayMs(0, 0)! < 25);
});

test('a call gets one hedge', (t) => {
  const hedge = observed(1, 50);
  t.not(hedge.delayMs(0, 0), undefined);
  t.is(hedge.delayMs(1, 0), undefined);
  t.not(observed(1, 50, { hedgesMax: 2 }).delayMs(1, 0), undefined);
});

test('once the window is empty again nobody hedges', (t) => {
  const hedge = observed(1, 50);
  t.not(hedge.delayMs(0, 29_999), undefined);
  t.is(hedge.delayMs(0, 30_100), undefined);
});

test('settings that make no sense are refused', (t) => {
  const refused: HedgeDelayOptions[] = [
    { quantile: 2 },
    { minMs: 50, maxMs: 20 },
    { samplesMin: 0 },
    { hedgesMax: -1 },
  ];
  for (const options of refused) t.throws(() => new HedgeDelay(options), { code: 'INVALID_ARGUMENT' });
  t.notThrows(() => new HedgeDelay({ minMs: 800 }));
});
