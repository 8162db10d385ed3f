/**
 * Time as a process that may be stopped lives it: what it slept through is left out, or it would take its own
 * pause (a stopped process, a collection, a busy core) for the silence of all its peers. It has answers to read
 * first.
 */
export class AwakeClock {
  #awakeMs = 0;
  #tickedAtMs: number | undefined;

  /** `stepMaxMs`: time between two ticks counts up to here. */
  constructor(private readonly stepMaxMs: number) {}

  /** Called regularly, at least every `stepMaxMs` while all is well. */
  tick(nowMs: number): void {
    this.#awakeMs = this.at(nowMs);
    this.#tickedAtMs = nowMs;
  }

  /** Milliseconds awake. */
  at(nowMs: number): number {
    const sinceMs = nowMs - (this.#tickedAtMs ?? nowMs);
    return this.#awakeMs + Math.min(Math.max(0, sinceMs), this.stepMaxMs);
  }
}
