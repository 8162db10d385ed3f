/** A rate with a burst. */
import { checked } from './checked.js';
import { GRANTED, refusal, type Grant, type Refusal } from './grant.js';

export interface TokenBucketOptions {
  /** Tokens that come back in a second, above 0; fractions are allowed. */
  readonly ratePerSecond: number;
  /** The most tokens it holds, and has at first; a second's worth by default, and at least one. */
  readonly burst?: number | undefined;
}

/** Of the burst: what rounding may cost whoever comes back exactly when told to. Owed, not forgiven. */
const ROUNDING = 1e-9;
/** A shorter wait may be lost in the rounding of the clock, and asking again would go on for ever. */
const WAIT_LEAST_MS = 0.001;

/**
 * In any stretch of time it gives at most `burst` + rate x time. Starts full. Time is passed in and must come from a
 * monotonic clock; while that stands still, or after it has gone back, nothing is given for it.
 *
 * Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const bucket = new TokenBucket({ ratePerSecond: 100, burst: 20 });
 * const taken = bucket.tryTake(1, performance.now());
 * if (!taken.granted) throw new Error(`too fast; try again in ${taken.retryAfterMs} ms`);
 */
export class TokenBucket {
  readonly burst: number;
  readonly ratePerSecond: number;
  #tokens: number;
  /** Until when tokens have been given. */
  #filledMs = -Infinity;

  constructor(options: TokenBucketOptions) {
    this.ratePerSecond = checked('ratePerSecond', options.ratePerSecond, { above: 0 });
    this.burst = checked('burst', options.burst ?? Math.max(1, options.ratePerSecond), { above: 0 });
    this.#tokens = this.burst;
  }

  /** Takes `cost` tokens, or none. Throws INVALID_ARGUMENT for a cost that it can never hold. */
  tryTake(cost: number, nowMs: number): Grant | Refusal {
    if (!(cost >= 0 && cost <= this.burst)) checked('cost', cost, { least: 0, most: this.burst });
    this.#fill(nowMs);
    const left = this.#tokens - cost;
    if (left < -ROUNDING * this.burst) return refusal(this.#untilHolds(cost, nowMs));
    this.#tokens = left;
    return GRANTED;
  }

  /** How long until it has given `cost` more tokens than were taken so far, in milliseconds; 0: it has now. */
  waitMs(cost: number, nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= cost ? 0 : this.#untilHolds(cost, nowMs);
  }

  #fill(nowMs: number): void {
    if (!(nowMs > this.#filledMs)) return;
    const filled = this.#tokens + ((nowMs - this.#filledMs) / 1_000) * this.ratePerSecond;
    this.#tokens = Math.min(this.burst, filled);
    this.#filledMs = nowMs;
  }

  #untilHolds(cost: number, nowMs: number): number {
    const fillingMs = ((cost - this.#tokens) / this.ratePerSecond) * 1_000;
    return this.#filledMs - nowMs + Math.max(fillingMs, WAIT_LEAST_MS);
  }
}
