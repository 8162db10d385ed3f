/**
 * YCSB's request distribution: some items are far more popular than others, and the popular ones are scattered.
 *
 * The ranks follow Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (SIGMOD 1994); the scattering
 * is that of YCSB's ScrambledZipfianGenerator (Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", 2010).
 */
import type { SeededRandom } from '../chaos/measure/seeded-random.js';

/** YCSB's constant; 0 would be uniform. */
export const ZIPFIAN_CONSTANT = 0.99;
/** YCSB draws ranks among this many items, however many keys there are, because it has their zeta at hand. */
const SCRAMBLED_ITEMS = 10_000_000_000;
const SCRAMBLED_ZETA = 26.46902820178302;

/** The sum of 1 / rank^constant over the first `items` ranks, counted from 1. */
export function zeta(items: number, constant: number): number {
  let sum = 0;
  for (let rank = 1; rank <= items; rank += 1) sum += 1 / rank ** constant;
  return sum;
}

/** Draws ranks from 0 to items - 1; rank r has probability 1 / (r + 1)^constant / zeta, nearly so from rank 2 on. */
export class Zipfian {
  readonly #items: number;
  readonly #random: SeededRandom;
  readonly #zeta: number;
  readonly #alpha: number;
  readonly #eta: number;
  readonly #firstTwo: number;

  constructor(items: number, random: SeededRandom, knownZeta = zeta(items, ZIPFIAN_CONSTANT)) {
    this.#items = items;
    this.#random = random;
    this.#zeta = knownZeta;
    this.#alpha = 1 / (1 - ZIPFIAN_CONSTANT);
    this.#firstTwo = zeta(2, ZIPFIAN_CONSTANT);
    this.#eta = items > 2 ? (1 - (2 / items) ** (1 - ZIPFIAN_CONSTANT)) / (1 - this.#firstTwo / knownZeta) : 0;
  }

  next(): number {
    const unit = this.#random.unit();
    const share = unit * this.#zeta;
    if (share < 1 || this.#items === 1) return 0;
    if (share < this.#firstTwo || this.#items === 2) return 1;
    const rank = Math.floor(this.#items * (this.#eta * unit - this.#eta + 1) ** this.#alpha);
    return Math.min(rank, this.#items - 1);
  }
}

/** Draws items from 0 to items - 1 by hashing the ranks of a far larger zipfian. */
export class ScrambledZipfian {
  readonly #items: number;
  readonly #ranks: Zipfian;

  /** `items`: below 2^26. */
  constructor(items: number, random: SeededRandom) {
    this.#items = items;
    this.#ranks = new Zipfian(SCRAMBLED_ITEMS, random, SCRAMBLED_ZETA);
  }

  next(): number {
    return hashModulo(this.#ranks.next(), this.#items);
  }
}

const WORD = 2 ** 32;

/** YCSB's fnvhash64 (64-bit FNV-1a of eight octets, then the absolute value) modulo `items`, in halves of 32 bits. */
export function hashModulo(value: number, items: number): number {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  let octets = value;
  for (let i = 0; i < 8; i += 1) {
    low = (low ^ (octets & 0xff)) >>> 0;
    octets = Math.floor(octets / 256);
    // The prime is 2^40 + 435.
    const product = low * 435;
    high = (high * 435 + Math.floor(product / WORD) + ((low << 8) >>> 0)) >>> 0;
    low = product >>> 0;
  }
  if (high >= WORD / 2) {
    high = low === 0 ? (WORD - high) % WORD : WORD - 1 - high;
    low = (WORD - low) % WORD;
  }
  return ((high % items) * (WORD % items) + (low % items)) % items;
}
