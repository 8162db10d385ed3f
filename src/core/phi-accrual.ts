/**
 * How surprising a silence is (Hayashibara, Défago, Yared and Katayama, "The phi accrual failure detector", 2004):
 * phi = -log10 of the chance that an answer still comes after such a silence, judged by the answers before it.
 */

/** The last arrivals, as the times between them: enough for a mean and a deviation. */
export class ArrivalTimes {
  readonly #intervals: Float64Array;
  #count = 0;
  #sum = 0;
  #sumOfSquares = 0;

  constructor(size = 32) {
    this.#intervals = new Float64Array(size);
  }

  get count(): number {
    return Math.min(this.#count, this.#intervals.length);
  }

  add(intervalMs: number): void {
    const at = this.#count % this.#intervals.length;
    const oldest = this.#intervals[at]!;
    this.#intervals[at] = intervalMs;
    this.#sum += intervalMs - oldest;
    this.#sumOfSquares += intervalMs ** 2 - oldest ** 2;
    this.#count += 1;
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  get deviationMs(): number {
    if (this.count === 0) return 0;
    return Math.sqrt(Math.max(0, this.#sumOfSquares / this.count - this.meanMs ** 2));
  }
}

/**
 * Phi of a silence where the times between answers are normally distributed. The distribution function is
 * approximated as 1 / (1 + e^(-y (1.5976 + 0.070566 y²))), which is within 0.00014 (Bowling et al. 2009).
 */
export function phi(silenceMs: number, meanMs: number, deviationMs: number): number {
  const y = (silenceMs - meanMs) / deviationMs;
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
  return y > 0 ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e));
}
