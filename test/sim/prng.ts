/** Seeded randomness: sfc32 (Doty-Humphrey, PractRand; public domain), one independent stream for each purpose. */
import { hashText } from '../../src/core/hash.js';
import type { Random } from '../../src/ports/random.js';

export class Prng implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Streams of one seed with different names have nothing in common, so that leaving one out changes no other. */
  constructor(seed: number, stream: string) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = hashText(stream, 0x5eed);
    for (let i = 0; i < 15; i += 1) this.#next();
  }

  /** 32 random bits. */
  #next(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  unit(): number {
    return this.#next() / 2 ** 32;
  }

  hex64(): string {
    return this.#next().toString(16).padStart(8, '0') + this.#next().toString(16).padStart(8, '0');
  }

  /** Uniform in 0 … below - 1. */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Mostly near `mean`, now and then several times that. */
  around(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}
