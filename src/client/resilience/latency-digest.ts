/** Quantiles of the latencies of the last while. */
import { LATENCY_SLICES, LATENCY_WINDOW_MS } from '../../core/defaults.js';
import { checked } from '../../core/checked.js';
import { bucketQuantileMs, LATENCY_BUCKETS, latencyBucket } from '../../core/latency-buckets.js';
import { SlidingSlices } from '../../core/sliding-slices.js';

export interface LatencyDigestOptions {
  /** What it remembers, in milliseconds; 30000 by default. */
  readonly windowMs?: number | undefined;
  /** Parts of the window, forgotten one at a time; 6 by default. */
  readonly slices?: number | undefined;
}

/**
 * A histogram with log-linear buckets (as HdrHistogram) over microseconds, which forgets a slice of its window at a
 * time. Recording costs a few integer operations and allocates nothing; a quantile looks at all buckets.
 *
 * Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const digest = new LatencyDigest({ windowMs: 60_000 });
 * const startedMs = performance.now();
 * await kv.get('greeting');
 * digest.record(performance.now() - startedMs, performance.now());
 * console.log(`p99 ${digest.quantile(0.99, performance.now())} ms`);
 */
export class LatencyDigest {
  readonly #slices: SlidingSlices;
  /** One histogram a slice. */
  readonly #counts: Uint32Array[];
  readonly #totals = new Uint32Array(LATENCY_BUCKETS);
  #samples = 0;

  constructor(options: LatencyDigestOptions = {}) {
    const windowMs = checked('windowMs', options.windowMs ?? LATENCY_WINDOW_MS, { above: 0 });
    const slices = checked('slices', options.slices ?? LATENCY_SLICES, { least: 1, most: 1_000, whole: true });
    this.#counts = Array.from({ length: slices }, () => new Uint32Array(LATENCY_BUCKETS));
    this.#slices = new SlidingSlices(windowMs, slices, (index) => this.#empty(index));
  }

  /** One latency, in milliseconds; below nothing counts as nothing. */
  record(latencyMs: number, nowMs: number): void {
    const bucket = latencyBucket(latencyMs);
    this.#counts[this.#slices.at(nowMs)]![bucket]! += 1;
    this.#totals[bucket]! += 1;
    this.#samples += 1;
  }

  samples(nowMs: number): number {
    this.#slices.at(nowMs);
    return this.#samples;
  }

  /**
   * The latency in milliseconds that the share `q` (0 to 1) of the window did not exceed; undefined where it is empty.
   * Above the exact one by a sixteenth and a microsecond at most, never below it; 67 s stand for everything longer.
   */
  quantile(q: number, nowMs: number): number | undefined {
    checked('q', q, { least: 0, most: 1 });
    this.#slices.at(nowMs);
    if (this.#samples === 0) return undefined;
    return bucketQuantileMs(this.#totals, this.#samples, q);
  }

  #empty(index: number): void {
    const counts = this.#counts[index]!;
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) {
      this.#totals[bucket]! -= counts[bucket]!;
      this.#samples -= counts[bucket]!;
    }
    counts.fill(0);
  }
}
