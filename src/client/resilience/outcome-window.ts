/** How many calls of the last while there were, and how many of them failed. */
import { SlidingSlices } from '../../core/sliding-slices.js';

export class OutcomeWindow {
  readonly #slices: SlidingSlices;
  readonly #callsIn: Uint32Array;
  readonly #failuresIn: Uint32Array;
  #calls = 0;
  #failures = 0;

  constructor(windowMs: number, buckets: number) {
    this.#callsIn = new Uint32Array(buckets);
    this.#failuresIn = new Uint32Array(buckets);
    this.#slices = new SlidingSlices(windowMs, buckets, (index) => this.#empty(index));
  }

  succeeded(nowMs: number): void {
    this.#count(this.#slices.at(nowMs));
  }

  failed(nowMs: number): void {
    const index = this.#slices.at(nowMs);
    this.#count(index);
    this.#failuresIn[index]! += 1;
    this.#failures += 1;
  }

  calls(nowMs: number): number {
    this.#slices.at(nowMs);
    return this.#calls;
  }

  failures(nowMs: number): number {
    this.#slices.at(nowMs);
    return this.#failures;
  }

  #count(index: number): void {
    this.#callsIn[index]! += 1;
    this.#calls += 1;
  }

  #empty(index: number): void {
    this.#calls -= this.#callsIn[index]!;
    this.#failures -= this.#failuresIn[index]!;
    this.#callsIn[index] = 0;
    this.#failuresIn[index] = 0;
  }
}
