/** A token bucket on a monotonic clock: how much may go out now, so that a rate is kept. */
export class TokenAllowance {
  #tokens: number;
  #filledAtMs: number | undefined;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.#tokens = burst;
  }

  /** 0 or less: nothing yet. */
  at(nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - (this.#filledAtMs ?? nowMs));
    this.#tokens = Math.min(this.burst, this.#tokens + (elapsedMs / 1_000) * this.perSecond);
    this.#filledAtMs = nowMs;
    return this.#tokens;
  }

  /** What is larger than what is left may go too, and is paid for afterwards: nothing is too large to be sent. */
  take(tokens: number): void {
    this.#tokens -= tokens;
  }

  /** Time until there is something again, right after `at`. */
  get waitMs(): number {
    return this.#tokens > 0 ? 0 : Math.floor((-this.#tokens / this.perSecond) * 1_000) + 1;
  }
}
