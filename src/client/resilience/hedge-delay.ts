/** When a call that is still unanswered asks a second node. */
import {
  HEDGE_DELAY_MAX_MS,
  HEDGE_DELAY_MIN_MS,
  HEDGE_QUANTILE,
  HEDGE_SAMPLES_MIN,
  HEDGES_MAX,
} from '../../core/defaults.js';
import { checked } from '../../core/checked.js';
import { LatencyDigest, type LatencyDigestOptions } from './latency-digest.js';

export interface HedgeDelayOptions extends LatencyDigestOptions {
  /** The share of calls that are answered without one, 0 to 1; 0.99 by default. */
  readonly quantile?: number | undefined;
  /** The least and the longest delay, in milliseconds; 10 and 500 by default. */
  readonly minMs?: number | undefined;
  readonly maxMs?: number | undefined;
  /** Fewer latencies than this in the window say nothing, and nobody hedges; 100 by default. */
  readonly samplesMin?: number | undefined;
  /** Extra requests of one call; 1 by default. */
  readonly hedgesMax?: number | undefined;
}

/** How long a delay is used before it is worked out anew. */
const REFRESH_MS = 100;

/**
 * The live p99, clamped. Calls that wait longer than that are about one in a hundred, so that hedging costs about
 * one request in a hundred (Dean and Barroso, "The Tail at Scale", 2013). Keep one for each kind of call: a durable
 * write and a read from memory have nothing in common.
 *
 * Only for what may be carried out twice. Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const hedge = new HedgeDelay();
 * const startedMs = performance.now();
 * const first = kv.get('greeting').finally(() => hedge.observe(performance.now() - startedMs, performance.now()));
 * const delayMs = hedge.delayMs(0, startedMs);
 * const result = await (delayMs === undefined ? first : Promise.any([first, askOtherAfter(delayMs)]));
 */
export class HedgeDelay {
  readonly #digest: LatencyDigest;
  readonly #quantile: number;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #samplesMin: number;
  readonly #hedgesMax: number;
  #delayMs: number | undefined;
  #freshUntilMs = -Infinity;

  constructor(options: HedgeDelayOptions = {}) {
    this.#digest = new LatencyDigest(options);
    this.#quantile = checked('quantile', options.quantile ?? HEDGE_QUANTILE, { least: 0, most: 1 });
    this.#minMs = checked('minMs', options.minMs ?? HEDGE_DELAY_MIN_MS, { least: 0 });
    this.#maxMs = checked('maxMs', options.maxMs ?? Math.max(HEDGE_DELAY_MAX_MS, this.#minMs), { least: this.#minMs });
    this.#samplesMin = checked('samplesMin', options.samplesMin ?? HEDGE_SAMPLES_MIN, { least: 1, whole: true });
    this.#hedgesMax = checked('hedgesMax', options.hedgesMax ?? HEDGES_MAX, { least: 0, whole: true });
  }

  /**
   * How long the FIRST attempt of a call took, also where a hedge was quicker: with the quicker of the two the p99
   * would shrink, and hedging feed on itself. One that was given up counts with the time it had been waited for.
   */
  observe(latencyMs: number, nowMs: number): void {
    this.#digest.record(latencyMs, nowMs);
  }

  /** How long after the last attempt to send another, in milliseconds; undefined: not at all. */
  delayMs(hedgesSent: number, nowMs: number): number | undefined {
    if (hedgesSent >= this.#hedgesMax) return undefined;
    if (nowMs >= this.#freshUntilMs) this.#refresh(nowMs);
    return this.#delayMs;
  }

  #refresh(nowMs: number): void {
    this.#freshUntilMs = nowMs + REFRESH_MS;
    const isEnough = this.#digest.samples(nowMs) >= this.#samplesMin;
    const latencyMs = isEnough ? this.#digest.quantile(this.#quantile, nowMs) : undefined;
    this.#delayMs = latencyMs === undefined ? undefined : Math.min(this.#maxMs, Math.max(this.#minMs, latencyMs));
  }
}
