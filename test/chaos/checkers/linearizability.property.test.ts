import test from 'ava';
import fc from 'fast-check';
import { checkLinearizability } from '../../../chaos/checkers/linearizability.js';
import { pairOperations } from '../../../chaos/checkers/operation.js';
import type { HistoryEvent } from '../../../chaos/history.js';
import { atomicHistory, type Load } from '../support/atomic-register.js';
import { bruteForce } from '../support/brute-force.js';
import { hasTornVersion, perturb } from '../support/perturb.js';
import { plantDoubleApply, plantLostUpdate, plantStaleRead, plantSwappedOrder } from '../support/planted.js';
import { Seeded } from '../support/seeded.js';

const seeds = fc.integer({ min: 0, max: 0x7fff_ffff });

function loadFrom(
  random: Seeded,
  sizes: { readonly clients: number; readonly operations: number; readonly keys: number },
): Load {
  const versioned = random.chance(0.6);
  return {
    seed: random.below(0x7fff_ffff),
    clients: 2 + random.below(sizes.clients - 1),
    operations: 3 + random.below(sizes.operations - 2),
    keys: sizes.keys,
    versioned,
    values: versioned ? (random.chance(0.3) ? 2 : 0) : 1 + random.below(5),
    gets: 0.4,
    cas: random.unit() * 0.3,
    creates: random.unit() * 0.15,
    deletes: random.unit() * 0.2,
    unknown: random.unit() * 0.3,
    weak: random.unit() * 0.3,
    tellsFound: random.chance(0.5),
  };
}

test('what an atomic register did is never refuted', (t) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const load = loadFrom(new Seeded(seed), { clients: 8, operations: 80, keys: 2 });
      return checkLinearizability(pairOperations(atomicHistory(load))).verdict === 'valid';
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('on tiny histories, true and twisted, it agrees with trying every order', (t) => {
  const seen = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = new Seeded(seed);
      const load = loadFrom(random, { clients: 4, operations: 8, keys: 1 });
      let history = atomicHistory(load);
      for (let lies = 2 + random.below(6); lies > 0; lies -= 1) history = perturb(history, random);
      fc.pre(!hasTornVersion(history));
      const operations = pairOperations(history);
      const expected = bruteForce(operations, load.versioned ?? true) ? 'valid' : 'invalid';
      seen[expected] += 1;
      return checkLinearizability(operations).verdict === expected;
    }),
    { numRuns: 4000 },
  );
  t.log(seen);
  t.true(seen.valid > 400 && seen.invalid > 400);
});

/** `known`: seeds that were missed once. */
const plants: readonly (readonly [
  what: string,
  plant: (history: readonly HistoryEvent[], random: Seeded) => HistoryEvent[] | undefined,
  known: readonly number[],
])[] = [
  ['stale read', plantStaleRead, []],
  // Two compare-and-sets met a version that an unknown write made, and that no answer shows; or the tombstone of an
  // unknown delete, that reads show.
  ['lost update', plantLostUpdate, [628_990_881, 719_175_469]],
  ['write applied twice', plantDoubleApply, []],
  ['swapped order', plantSwappedOrder, []],
];
for (const [what, plant, known] of plants) {
  test(`one planted ${what} in a true history is refuted`, (t) => {
    let planted = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = new Seeded(seed);
        const load: Load = {
          seed,
          clients: 5,
          operations: 80,
          gets: 0.4,
          cas: 0.3,
          deletes: 0.05,
          unknown: 0.1,
          weak: 0.1,
        };
        const history = plant(atomicHistory(load), random);
        fc.pre(history !== undefined);
        planted += 1;
        return checkLinearizability(pairOperations(history)).verdict === 'invalid';
      }),
      { numRuns: 100, examples: known.map((seed) => [seed]) },
    );
    t.is(planted, 100);
  });
}
