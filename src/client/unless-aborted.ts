/** For calls that several callers wait for: each gives up for itself alone. */
import * as failures from './failures.js';

/** Settles as the promise does, or rejects with ABORTED once the signal says so. `title`: as of a call. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, title: string): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      reject(failures.aborted({ title, mutates: false, isNamed: false, unresolved: 0 }, signal.reason));
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
