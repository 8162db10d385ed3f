/** One machine's clock: wrong by what the run says, and made to jump and drift by it. Timers are exact. */
import type { Micros } from '../../src/core/ballot.js';
import type { Clock, Timer } from '../../src/ports/clock.js';
import type { Host, Scheduler } from './scheduler.js';

/** True time at the beginning of every run: 2024-01-01. */
export const EPOCH: Micros = 1_704_067_200_000_000;

export class MachineClock {
  #offset: Micros;
  #drift = 0;
  #driftingSinceMs = 0;

  constructor(
    readonly scheduler: Scheduler,
    offsetMs: number,
  ) {
    this.#offset = Math.round(offsetMs * 1_000);
  }

  get offset(): Micros {
    return this.#offset + Math.round((this.scheduler.nowMs - this.#driftingSinceMs) * 1_000 * this.#drift);
  }

  physicalMicros(): Micros {
    return EPOCH + Math.round(this.scheduler.nowMs * 1_000) + this.offset;
  }

  set(offset: Micros, driftPpm = 0): void {
    this.#offset = Math.round(offset);
    this.#drift = driftPpm / 1e6;
    this.#driftingSinceMs = this.scheduler.nowMs;
  }
}

/** The port through which one process sees its machine's clock. */
export function clockOf(machine: MachineClock, host: Host): Clock {
  const { scheduler } = machine;
  return {
    physicalMicros: () => machine.physicalMicros(),
    monotonicMs: () => scheduler.nowMs,
    setTimer: (delayMs, run): Timer => {
      const event = scheduler.atTime(delayMs, host, run);
      return {
        cancel: () => {
          event.cancelled = true;
        },
      };
    },
    defer: (run) => {
      scheduler.after(0, host, run);
    },
  };
}
