/** A histogram of latencies in a fixed memory of about 1.5 KiB. */
import { bucketEndMicros, bucketQuantileMs, LATENCY_BUCKETS, latencyBucket } from './latency-buckets.js';
import type { Latency } from './live-sample.js';

export class LatencyCounts {
  readonly #counts = new Uint32Array(LATENCY_BUCKETS);
  #total = 0;
  #sumMs = 0;

  get count(): number {
    return this.#total;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  record(latencyMs: number): void {
    this.#counts[latencyBucket(latencyMs)]! += 1;
    this.#total += 1;
    this.#sumMs += latencyMs;
  }

  add(other: LatencyCounts): void {
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) this.#counts[bucket]! += other.#counts[bucket]!;
    this.#total += other.#total;
    this.#sumMs += other.#sumMs;
  }

  clear(): void {
    if (this.#total > 0) this.#counts.fill(0);
    this.#total = 0;
    this.#sumMs = 0;
  }

  /** undefined where nothing was recorded. Above the exact one by a sixteenth and a microsecond at most. */
  quantileMs(q: number): number | undefined {
    return this.#total === 0 ? undefined : bucketQuantileMs(this.#counts, this.#total, q);
  }

  /** The buckets that hold something. */
  latency(): Latency {
    const belowMs: number[] = [];
    const counts: number[] = [];
    if (this.#total > 0)
      for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) {
        if (this.#counts[bucket] === 0) continue;
        belowMs.push(bucketEndMicros(bucket) / 1_000);
        counts.push(this.#counts[bucket]!);
      }
    return { p50Ms: this.quantileMs(0.5), p99Ms: this.quantileMs(0.99), belowMs, counts };
  }

  /**
   * How many fall between each of these rising bounds and the one before it, and above the last: one more than there
   * are bounds. A bucket that a bound cuts counts as above it.
   */
  between(boundsSeconds: readonly number[]): number[] {
    const found = new Array<number>(boundsSeconds.length + 1).fill(0);
    let at = 0;
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) {
      const endSeconds = bucketEndMicros(bucket) / 1_000_000;
      while (at < boundsSeconds.length && endSeconds > boundsSeconds[at]!) at += 1;
      found[at]! += this.#counts[bucket]!;
    }
    return found;
  }
}

/** Several distributions as one; exact, as all have the same buckets. */
export function mergeLatencies(latencies: readonly Latency[]): Latency {
  const merged = new Map<number, number>();
  for (const { belowMs, counts } of latencies)
    belowMs.forEach((bound, index) => {
      merged.set(bound, (merged.get(bound) ?? 0) + counts[index]!);
    });
  const belowMs = [...merged.keys()].sort((a, b) => a - b);
  const counts = belowMs.map((bound) => merged.get(bound)!);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const quantile = (q: number): number | undefined => {
    let left = Math.max(1, Math.ceil(q * total));
    return belowMs.find((_, index) => (left -= counts[index]!) <= 0);
  };
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), belowMs, counts };
}
