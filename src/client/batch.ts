/** Many calls as one: their outcomes side by side, so that one failure does not hide the others. */
import { FulcrumError } from '../core/errors.js';
import type { Waiter } from './calls.js';

/** One entry of a getMany or putMany: what it would have resolved to on its own, or why it failed. */
export type Entry<R> =
  | { readonly key: string; readonly ok: true; readonly result: R; readonly error: undefined }
  | { readonly key: string; readonly ok: false; readonly result: undefined; readonly error: FulcrumError };

/** Entries of one batch under way at once: enough to fill a pipe, and room for other calls. */
const ENTRIES_IN_FLIGHT = 256;

/** Starts call number `index`; may throw instead, where the entry is wrong. */
export type StartEntry<R> = (index: number, waiter: Waiter<R>) => void;

/** Resolves when each of `keys` is settled, in their order; never rejects. */
export function runBatch<R>(keys: readonly string[], start: StartEntry<R>): Promise<Entry<R>[]> {
  return new Promise((resolve) => {
    if (keys.length === 0) resolve([]);
    else new Batch(keys, start, resolve).fill();
  });
}

class Batch<R> {
  readonly #keys: readonly string[];
  readonly #start: StartEntry<R>;
  readonly #done: (entries: Entry<R>[]) => void;
  readonly #entries: Entry<R>[];
  #started = 0;
  #settled = 0;
  #filling = false;

  constructor(keys: readonly string[], start: StartEntry<R>, done: (entries: Entry<R>[]) => void) {
    this.#keys = keys;
    this.#start = start;
    this.#done = done;
    this.#entries = new Array<Entry<R>>(keys.length);
  }

  /** A loop and not a recursion: entries may be settled while they are started. */
  fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    while (this.#started < this.#keys.length && this.#started - this.#settled < ENTRIES_IN_FLIGHT) {
      this.#startNext(this.#started);
    }
    this.#filling = false;
    if (this.#settled === this.#keys.length) this.#done(this.#entries);
  }

  #startNext(index: number): void {
    this.#started += 1;
    const key = this.#keys[index]!;
    const settle = (entry: Entry<R>): void => {
      this.#entries[index] = entry;
      this.#settled += 1;
      this.fill();
    };
    const reject = (error: FulcrumError): void => settle({ key, ok: false, result: undefined, error });
    try {
      this.#start(index, { resolve: (result) => settle({ key, ok: true, result, error: undefined }), reject });
    } catch (error) {
      if (!(error instanceof FulcrumError)) throw error;
      reject(error);
    }
  }
}
