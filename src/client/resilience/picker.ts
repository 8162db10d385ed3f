/** Whom of several nodes to ask. */
import type { Random } from '../../ports/random.js';

export interface Scored {
  /** The lower, the better. */
  score(nowMs: number): number;
}

export interface Picker {
  /** One of the candidates; undefined where there are none. */
  pick<T extends Scored>(candidates: readonly T[], nowMs: number): T | undefined;
}

/**
 * The better of two drawn at random (Mitzenmacher, "The power of two choices in randomized load balancing", 2001):
 * nearly as even as asking the best of all, without the herd that rushes to the one node that looks best.
 *
 * @example
 * const picker = new PowerOfTwo({ unit: Math.random });
 * const node = picker.pick(nodes, performance.now());
 */
export class PowerOfTwo implements Picker {
  readonly #random: Pick<Random, 'unit'>;

  constructor(random: Pick<Random, 'unit'>) {
    this.#random = random;
  }

  pick<T extends Scored>(candidates: readonly T[], nowMs: number): T | undefined {
    const count = candidates.length;
    if (count < 2) return candidates[0];
    const one = Math.floor(this.#random.unit() * count);
    // Any but that one, each as likely.
    const step = 1 + Math.floor(this.#random.unit() * (count - 1));
    const a = candidates[one]!;
    const b = candidates[(one + step) % count]!;
    return b.score(nowMs) < a.score(nowMs) ? b : a;
  }
}

/**
 * One after the other, whatever their scores.
 *
 * @example
 * const picker: Picker = isEven ? new RoundRobin() : new PowerOfTwo(random);
 */
export class RoundRobin implements Picker {
  #next = 0;

  pick<T extends Scored>(candidates: readonly T[]): T | undefined {
    if (candidates.length === 0) return undefined;
    const picked = candidates[this.#next % candidates.length];
    this.#next = (this.#next + 1) % Number.MAX_SAFE_INTEGER;
    return picked;
  }
}
