import test from 'ava';
import fc from 'fast-check';
import { LoadScore } from '../../../src/client/resilience/load-score.js';
import { PowerOfTwo, RoundRobin, type Picker, type Scored } from '../../../src/client/resilience/picker.js';
import { seeded } from './seeded.js';

class Fixed implements Scored {
  constructor(
    readonly name: string,
    readonly load: number,
  ) {}

  score(): number {
    return this.load;
  }
}

const fixed = (...loads: number[]): Fixed[] => loads.map((load, index) => new Fixed(`${index}`, load));

/** How often each was picked. */
function tally(picker: Picker, candidates: readonly Fixed[], times: number): number[] {
  const counts = candidates.map(() => 0);
  for (let time = 0; time < times; time += 1) counts[candidates.indexOf(picker.pick(candidates, 0)!)]! += 1;
  return counts;
}

test('of none they pick none, and of one that one', (t) => {
  const [only] = fixed(7);
  for (const picker of [new PowerOfTwo(seeded(1)), new RoundRobin()]) {
    t.is(picker.pick([], 0), undefined);
    t.is(picker.pick([only!], 0), only);
  }
});

test('the busiest of several is never picked, whatever is drawn', (t) => {
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(8), draw, draw, (count, at, first, second) => {
      const candidates = fixed(...Array.from({ length: count }, (_, index) => (index === at % count ? 2 : 1)));
      const draws = [first, second];
      const picked = new PowerOfTwo({ unit: () => draws.shift()! }).pick(candidates, 0);
      t.is(picked?.load, 1);
    }),
  );
});

test('equals are picked equally often', (t) => {
  for (const count of tally(new PowerOfTwo(seeded(2)), fixed(1, 1, 1, 1), 40_000)) {
    t.true(Math.abs(count - 10_000) < 500, `${count}`);
  }
});

test('of four unequal ones the best wins half of the pairs, the next a third, then a sixth, then none', (t) => {
  const [best, second, third, worst] = tally(new PowerOfTwo(seeded(3)), fixed(1, 2, 3, 4), 60_000);
  for (const [count, expected] of [
    [best!, 30_000],
    [second!, 20_000],
    [third!, 10_000],
    [worst!, 0],
  ] as const) {
    t.true(Math.abs(count - expected) < 800, `${count} of ${expected}`);
  }
});

test('load stays nearly even: nobody is far above the mean', (t) => {
  const loads = Array.from({ length: 20 }, () => new LoadScore());
  for (const load of loads) {
    load.started();
    load.answered(1, 0);
  }
  const picker = new PowerOfTwo(seeded(4));
  for (let request = 0; request < 20_000; request += 1) picker.pick(loads, 0)!.started();
  for (const { inFlight } of loads) t.true(Math.abs(inFlight - 1_000) <= 10, `${inFlight}`);
});

test('a slow node gets few requests, and its share again some time after it has recovered', (t) => {
  const loads = [new LoadScore(), new LoadScore(), new LoadScore()];
  const picker = new PowerOfTwo(seeded(5));
  const share = (fromMs: number, untilMs: number, slowMs: number): number => {
    const under: { load: LoadScore; startedMs: number; endMs: number }[] = [];
    let slow = 0;
    for (let nowMs = fromMs; nowMs < untilMs; nowMs += 1) {
      for (const one of under.filter(({ endMs }) => endMs <= nowMs)) {
        one.load.answered(nowMs - one.startedMs, nowMs);
        under.splice(under.indexOf(one), 1);
      }
      const load = picker.pick(loads, nowMs)!;
      load.started();
      if (load === loads[0]) slow += 1;
      under.push({ load, startedMs: nowMs, endMs: nowMs + (load === loads[0] ? slowMs : 2) });
    }
    for (const { load } of under) load.abandoned();
    return slow / (untilMs - fromMs);
  };
  t.true(share(0, 5_000, 300) < 0.01);
  share(5_000, 60_000, 2);
  t.true(share(60_000, 70_000, 2) > 0.25);
});

test('round robin goes through all in order', (t) => {
  const candidates = fixed(9, 1, 5);
  const picker = new RoundRobin();
  const names = Array.from({ length: 7 }, () => picker.pick(candidates)?.name).join('');
  t.is(names, '0120120');
  t.deepEqual(tally(new RoundRobin(), candidates, 300), [100, 100, 100]);
});
