/**
 * Which slice of a sliding window is the current one. The window is the current slice, however much of it has
 * passed, and those before it; what leaves it is emptied a slice at a time.
 */
export class SlidingSlices {
  readonly #sliceMs: number;
  readonly #count: number;
  readonly #empty: (index: number) => void;
  #index = 0;
  #endMs = -Infinity;

  constructor(windowMs: number, count: number, empty: (index: number) => void) {
    this.#sliceMs = windowMs / count;
    this.#count = count;
    this.#empty = empty;
  }

  /** The index of the current slice, once those that time has passed are empty. A clock that goes back stays in it. */
  at(nowMs: number): number {
    if (nowMs >= this.#endMs) this.#advance(nowMs);
    return this.#index;
  }

  #advance(nowMs: number): void {
    const endMs = (Math.floor(nowMs / this.#sliceMs) + 1) * this.#sliceMs;
    const passed = Math.min(this.#count, Math.round((endMs - this.#endMs) / this.#sliceMs));
    for (let step = 0; step < passed; step += 1) {
      this.#index = (this.#index + 1) % this.#count;
      this.#empty(this.#index);
    }
    this.#endMs = endMs;
  }
}
