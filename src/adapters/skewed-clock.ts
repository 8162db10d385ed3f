import type { Micros } from '../core/ballot.js';
import type { ClockFault } from '../ports/chaos.js';
import type { Clock, Timer } from '../ports/clock.js';

const MICROS_PER_MS = 1_000;
const MILLION = 1_000_000;

/** A clock whose wall time is as wrong as it is told to be. Its monotonic time and its timers stay right. */
export class SkewedClock implements Clock {
  readonly #real: Clock;
  #offsetMs = 0;
  #driftPpm = 0;
  /** Since when it has drifted, on the monotonic clock. */
  #sinceMs = 0;

  constructor(real: Clock) {
    this.#real = real;
  }

  get driftPpm(): number {
    return this.#driftPpm;
  }

  errorMs(): number {
    return this.#offsetMs + ((this.#real.monotonicMs() - this.#sinceMs) * this.#driftPpm) / MILLION;
  }

  set({ offsetMs, driftPpm }: ClockFault): void {
    this.#offsetMs = offsetMs;
    this.#driftPpm = driftPpm;
    this.#sinceMs = this.#real.monotonicMs();
  }

  physicalMicros(): Micros {
    return this.#real.physicalMicros() + Math.round(this.errorMs() * MICROS_PER_MS);
  }

  monotonicMs(): number {
    return this.#real.monotonicMs();
  }

  setTimer(delayMs: number, run: () => void): Timer {
    return this.#real.setTimer(delayMs, run);
  }

  defer(run: () => void): void {
    this.#real.defer(run);
  }
}
