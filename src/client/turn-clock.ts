/** The monotonic clock, read anew each turn of the event loop and every few uses within one. */
import type { Clock } from '../ports/clock.js';

/** How many uses one reading serves within a turn: reading the clock is most of a cheap call. */
const USES_OF_A_READING = 32;

export class TurnClock {
  /** Counts the turns in which it was used. */
  turn = 0;
  readonly #clock: Clock;
  #nowMs = 0;
  #usesLeft = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    if (this.#usesLeft === 0) {
      if (this.#nowMs === 0) this.#clock.defer(this.#endTurn);
      this.#nowMs = this.#clock.monotonicMs();
      this.#usesLeft = USES_OF_A_READING;
    }
    this.#usesLeft -= 1;
    return this.#nowMs;
  }

  readonly #endTurn = (): void => {
    this.#nowMs = 0;
    this.#usesLeft = 0;
    this.turn += 1;
  };
}
