/** Calls that their callers may give up: one listener for each signal, however many calls it is for. */
import type { Call } from './call.js';

interface Watched {
  readonly calls: Set<Call>;
  readonly stop: () => void;
}

export class Aborts {
  readonly #bySignal = new Map<AbortSignal, Watched>();
  readonly #aborted: (call: Call, reason: unknown) => void;

  constructor(aborted: (call: Call, reason: unknown) => void) {
    this.#aborted = aborted;
  }

  /** Until `unwatch`, which must follow. */
  watch(call: Call, signal: AbortSignal): void {
    const watched = this.#bySignal.get(signal) ?? this.#listen(signal);
    call.signal = signal;
    watched.calls.add(call);
  }

  unwatch(call: Call): void {
    const { signal } = call;
    if (signal === null) return;
    call.signal = null;
    const watched = this.#bySignal.get(signal);
    watched?.calls.delete(call);
    if (watched?.calls.size !== 0) return;
    watched.stop();
    this.#bySignal.delete(signal);
  }

  #listen(signal: AbortSignal): Watched {
    const calls = new Set<Call>();
    const abort = (): void => {
      for (const call of [...calls]) this.#aborted(call, signal.reason);
    };
    signal.addEventListener('abort', abort);
    const watched = { calls, stop: () => signal.removeEventListener('abort', abort) };
    this.#bySignal.set(signal, watched);
    return watched;
  }
}

/** Calls `abort` once the signal, which is not aborted yet, is. Returns what ends that. */
export function onAbort(signal: AbortSignal | undefined, abort: () => void): () => void {
  if (signal === undefined) return () => undefined;
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
