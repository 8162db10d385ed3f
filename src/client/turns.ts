/**
 * Updates of one key by one client take turns: side by side, all but one of them would fail their comparison and try
 * again. It spares work and is no lock: whoever has waited long enough goes ahead.
 */
import type { Clock } from '../ports/clock.js';
import { onAbort } from './aborts.js';

export class Turns {
  readonly #clock: Clock;
  /** For each key the end of the last turn that was taken. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs once those before it have ended, after `patienceMs`, or when the signal is aborted. */
  async take<T>(key: string, patienceMs: number, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key);
    const done = (before === undefined ? Promise.resolve() : this.#ended(before, patienceMs, signal)).then(run);
    const end = done.then(ignore, ignore);
    this.#last.set(key, end);
    try {
      return await done;
    } finally {
      if (this.#last.get(key) === end) this.#last.delete(key);
    }
  }

  #ended(before: Promise<void>, patienceMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        timer.cancel();
        stop();
        resolve();
      };
      const timer = this.#clock.setTimer(patienceMs, go);
      const stop = onAbort(signal, go);
      void before.then(go);
    });
  }
}

function ignore(): void {
  // A turn ends whatever became of it.
}
