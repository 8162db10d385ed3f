/** Counts durations in buckets that grow by 2 %, so that a percentile is within 1 % of the truth. */

const GROWTH = 1.02;
const LEAST_MS = 0.0001;
const MOST_MS = 1_000_000;
const LOG_GROWTH = Math.log(GROWTH);
const BUCKETS = Math.ceil(Math.log(MOST_MS / LEAST_MS) / LOG_GROWTH) + 1;

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #most = 0;

  get count(): number {
    return this.#count;
  }

  /** Exact; 0 where nothing was recorded. */
  get maxMs(): number {
    return this.#most;
  }

  record(durationMs: number): void {
    const steps = durationMs > LEAST_MS ? Math.round(Math.log(durationMs / LEAST_MS) / LOG_GROWTH) : 0;
    const bucket = Math.min(steps, BUCKETS - 1);
    this.#counts[bucket]! += 1;
    this.#count += 1;
    if (durationMs > this.#most) this.#most = durationMs;
  }

  /** The least duration that `percent` of all are not above; 0 where nothing was recorded. */
  percentileMs(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return Math.min(LEAST_MS * GROWTH ** bucket, this.#most);
    }
    return this.#most;
  }
}
