import type { Micros } from '../core/ballot.js';
import type { Clock, Timer } from '../ports/clock.js';

const MICROS_PER_MS = 1_000;

/**
 * The machine's clocks.
 *
 * Timers keep the process alive, as an open socket does: a client that waits for a lost node to come back still
 * owes its callers an answer. Whoever sets a timer cancels it when it closes.
 */
class SystemClock implements Clock {
  /** What to add to the monotonic clock, in microseconds, to get the wall clock with a fraction of a millisecond. */
  #offset = Date.now() * MICROS_PER_MS - performance.now() * MICROS_PER_MS;

  /**
   * Follows Date.now(), also when that is adjusted or jumps (performance.timeOrigin does not), and takes only the
   * part below its millisecond from the monotonic clock.
   */
  physicalMicros(): Micros {
    const wall = Date.now() * MICROS_PER_MS;
    const monotonic = performance.now() * MICROS_PER_MS;
    const estimate = Math.floor(monotonic + this.#offset);
    const micros = Math.min(Math.max(estimate, wall), wall + MICROS_PER_MS - 1);
    if (micros !== estimate) this.#offset = micros - monotonic;
    return micros;
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimer(delayMs: number, run: () => void): Timer {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  }

  defer(run: () => void): void {
    setImmediate(run);
  }
}

export const systemClock: Clock = new SystemClock();
