import test from 'ava';
import { KeyPicks } from '../../bench/key-picks.js';
import { KeySpace } from '../../bench/key-space.js';
import { SeededRandom } from '../../chaos/measure/seeded-random.js';
import { hashModulo, ScrambledZipfian, Zipfian, zeta, ZIPFIAN_CONSTANT } from '../../bench/zipfian.js';

const DRAWS = 400_000;

function frequencies(items: number, draw: () => number): Float64Array {
  const counts = new Float64Array(items);
  for (let i = 0; i < DRAWS; i += 1) counts[draw()]! += 1 / DRAWS;
  return counts;
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

/** FNV as YCSB writes it, on 64-bit integers. */
function reference(value: number, items: number): number {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0n; i < 8n; i += 1n) {
    hash ^= (BigInt(value) >> (8n * i)) & 0xffn;
    hash = BigInt.asUintN(64, hash * 1_099_511_628_211n);
  }
  const signed = BigInt.asIntN(64, hash);
  return Number((signed < 0n ? -signed : signed) % BigInt(items));
}

test('ranks are drawn as often as the formula says', (t) => {
  const items = 1000;
  const ranks = new Zipfian(items, new SeededRandom(7));
  const seen = frequencies(items, () => ranks.next());
  const whole = zeta(items, ZIPFIAN_CONSTANT);
  const expected = Array.from({ length: items }, (_, rank) => 1 / (rank + 1) ** ZIPFIAN_CONSTANT / whole);
  // Exact for the first two ranks; the method approximates the others by a continuous curve.
  for (const rank of [0, 1]) t.true(Math.abs(seen[rank]! / expected[rank]! - 1) < 0.02, `rank ${rank}`);
  for (const head of [10, 100, 500]) {
    const ratio = sum(seen.subarray(0, head)) / sum(expected.slice(0, head));
    t.true(Math.abs(ratio - 1) < 0.05, `the first ${head}: ${ratio}`);
  }
});

test('few items are drawn in range', (t) => {
  for (const items of [1, 2, 3]) {
    const ranks = new Zipfian(items, new SeededRandom(1));
    const seen = new Set(Array.from({ length: 1000 }, () => ranks.next()));
    t.deepEqual([...seen].sort(), [0, 1, 2].slice(0, items));
  }
});

test('the hash is the one that YCSB computes', (t) => {
  for (const value of [0, 1, 2, 255, 256, 65_537, 2 ** 32 - 1, 2 ** 32, 9_999_999_999, 2 ** 52 + 12_345]) {
    for (const items of [1, 7, 1000, 20_000, 2 ** 26 - 5]) t.is(hashModulo(value, items), reference(value, items));
  }
});

test('scrambled, the popular items are where YCSB has them and as popular', (t) => {
  const items = 1000;
  const scrambled = new ScrambledZipfian(items, new SeededRandom(3));
  const seen = frequencies(items, () => scrambled.next());
  const most = seen.indexOf(Math.max(...seen));
  t.is(most, reference(0, items));
  // The first rank's share of 10^10 items, and this item's share of the evenly scattered rest.
  const first = 1 / 26.46902820178302;
  t.true(Math.abs(seen[most]! - first) < 0.1 * first, `${seen[most]}`);
  t.true(seen[reference(1, items)]! > 0.015);
  t.true(seen.every((share) => share > 0));
});

test('uniform keys are equally frequent', (t) => {
  const space = new KeySpace(100, 16);
  const indexes = new Map(Array.from({ length: 100 }, (_, index) => [space.name(index), index]));
  const picks = new KeyPicks(space, 'uniform', 5);
  const seen = frequencies(space.count, () => indexes.get(picks.next())!);
  for (const share of seen) t.true(Math.abs(share - 0.01) < 0.001, `${share}`);
});

test('a seed repeats its picks, and another one does not', (t) => {
  const space = new KeySpace(1000, 16);
  const first = (seed: number): string[] => {
    const picks = new KeyPicks(space, 'zipfian', seed);
    return Array.from({ length: 50 }, () => picks.next());
  };
  t.deepEqual(first(1), first(1));
  t.notDeepEqual(first(1), first(2));
});

test('of the latest keys the newest is the most popular, also once keys were inserted', (t) => {
  const space = new KeySpace(100, 16);
  const picks = new KeyPicks(space, 'latest', 7);
  const most = (): string => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 5_000; i += 1) {
      const key = picks.next();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
  };
  t.is(most(), space.name(99));
  const inserted = [space.take(), space.take(), space.take()];
  space.stored(inserted[2]!);
  space.stored(inserted[0]!);
  t.is(space.count, 101);
  t.is(most(), space.name(100));
  space.stored(inserted[1]!);
  t.is(most(), space.name(102));
});
