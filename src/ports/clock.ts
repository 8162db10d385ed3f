import type { Micros } from '../core/ballot.js';

/** Time and scheduling. The simulator passes its own; nothing in core, node or client asks the machine. */
export interface Clock {
  /** The physical clock, which may be wrong and may jump. */
  physicalMicros(): Micros;
  /** Never goes back; only differences mean anything. Milliseconds, with a fraction. */
  monotonicMs(): number;
  setTimer(delayMs: number, run: () => void): Timer;
  /** Runs once what is ready now has been handled (setImmediate): the moment at which batches are closed. */
  defer(run: () => void): void;
}

export interface Timer {
  cancel(): void;
}
