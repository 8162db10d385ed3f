/** Which key each operation uses, drawn before the measure so that drawing costs the driver nothing. */
import type { KeySpace } from './key-space.js';
import { SeededRandom } from '../chaos/measure/seeded-random.js';
import { ScrambledZipfian, Zipfian } from './zipfian.js';

/** `latest`: YCSB's skewed latest, the newest keys the most popular. */
export const DISTRIBUTIONS = ['uniform', 'zipfian', 'latest'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** Drawn once and then gone through again and again: some seconds of the fastest workload. */
const PICKS = 2 ** 20;

export class KeyPicks {
  readonly #picks: Uint32Array;
  readonly #fromNewest: boolean;
  #next = 0;

  constructor(
    readonly space: KeySpace,
    distribution: Distribution,
    seed: number,
  ) {
    this.#picks = drawn(space.count, distribution, new SeededRandom(seed));
    this.#fromNewest = distribution === 'latest';
  }

  next(): string {
    const at = this.#next;
    this.#next = at + 1 === PICKS ? 0 : at + 1;
    const pick = this.#picks[at]!;
    return this.space.name(this.#fromNewest ? this.space.count - 1 - pick : pick);
  }
}

function drawn(items: number, distribution: Distribution, random: SeededRandom): Uint32Array {
  const picks = new Uint32Array(PICKS);
  const next = drawing(items, distribution, random);
  for (let i = 0; i < PICKS; i += 1) picks[i] = next();
  return picks;
}

function drawing(items: number, distribution: Distribution, random: SeededRandom): () => number {
  if (distribution === 'uniform') return () => random.below(items);
  const zipfian = distribution === 'latest' ? new Zipfian(items, random) : new ScrambledZipfian(items, random);
  return () => zipfian.next();
}
