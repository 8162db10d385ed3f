/** Read, apply a function, compare-and-set: again and again while others get in between. */
import { FulcrumError, type ErrorCode } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Receipt } from '../core/receipt.js';
import type { Clock } from '../ports/clock.js';
import { onAbort } from './aborts.js';
import type { Random } from '../ports/random.js';
import type { CompareAndSetOptions, GetOptions, UpdateOptions } from './options.js';
import { refuse } from './options.js';
import type { GetResult, MutateResult } from './results.js';

/** Tries of an update that is told nothing else; its timeout bounds it as well. */
export const UPDATE_ATTEMPTS = 25;
/**
 * Between tries: full jitter under a bound that doubles with each of them. It doubles far, because 64 clients on one
 * key get seven times as much done under a bound of a second as under one of 100 ms.
 */
const PAUSE_MIN_MS = 2;
const PAUSE_MAX_MS = 1_000;

/**
 * Makes the next value of the present one, which is undefined where the key has none. Undefined: leave the key as it
 * is. It is called once for each try, so that it should have no effects of its own.
 */
export type Change<T> = (value: T | undefined, read: GetResult<T>) => T | undefined | Promise<T | undefined>;

export interface UpdateResult<T = unknown> {
  readonly key: string;
  /** False: the function returned undefined, and nothing was written. */
  readonly changed: boolean;
  /** What the key holds: the function's value, or the one that was left. */
  readonly value: T | undefined;
  /** Opaque, of that value. */
  readonly version: string | undefined;
  /** How often the function was called. */
  readonly attempts: number;
  /** Of the write, or of the read where nothing was written. */
  readonly receipt: Receipt;
}

/** What an update is made of. */
export interface UpdateParts {
  readonly clock: Clock;
  readonly random: Random;
  get(key: string, options: GetOptions): Promise<GetResult>;
  compareAndSet(key: string, value: unknown, options: CompareAndSetOptions): Promise<MutateResult>;
}

/** An update with its defaults filled in. */
export interface UpdatePlan {
  readonly level: Level;
  /** On the monotonic clock; for all of it, the pauses included. */
  readonly deadlineMs: number;
  readonly attempts: number;
  readonly ttlMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export function checkAttempts({ attempts = UPDATE_ATTEMPTS }: UpdateOptions): number {
  if (Number.isSafeInteger(attempts) && attempts >= 1) return attempts;
  return refuse(`attempts must be a whole number of at least 1, not ${String(attempts)}`);
}

/** Nothing was written. TOO_OLD: so many others wrote the key that it may have forgotten the operation before it came. */
const AGAIN: readonly ErrorCode[] = ['CONDITION_FAILED', 'TOO_OLD'];

/**
 * Only what another writer came in before is tried again. An outcome that is unknown ends the update,
 * since the change may be there already and the function must not be applied to it twice.
 */
export async function update<T>(
  parts: UpdateParts,
  key: string,
  change: Change<T>,
  plan: UpdatePlan,
): Promise<UpdateResult<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const done = await tryOnce(parts, key, change, plan);
    if (!(done instanceof FulcrumError)) return { key, attempts: attempt, ...done };
    if (attempt === plan.attempts) throw gaveUp(key, attempt, done);
    const bound = Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** (attempt - 1));
    const leftMs = timeLeft(parts.clock, plan.deadlineMs, key);
    await pause(parts.clock, Math.min(parts.random.unit() * bound, leftMs), plan.signal);
  }
}

/** That another writer came in between is a result here; every other error is thrown. */
async function tryOnce<T>(
  parts: UpdateParts,
  key: string,
  change: Change<T>,
  { level, ttlMs, deadlineMs, signal }: UpdatePlan,
): Promise<Omit<UpdateResult<T>, 'key' | 'attempts'> | FulcrumError> {
  const left = (): number => timeLeft(parts.clock, deadlineMs, key);
  if (signal?.aborted === true) throw aborted(key, signal);
  const read = (await parts.get(key, { level, timeoutMs: left(), signal })) as GetResult<T>;
  const value = await unlessAborted(key, signal, change(read.value, read));
  if (value === undefined) return { changed: false, value: read.value, version: read.version, receipt: read.receipt };
  const expect = read.found && read.version !== undefined ? read.version : 'absent';
  try {
    const { version, receipt } = await parts.compareAndSet(key, value, {
      expect,
      level,
      ttlMs,
      signal,
      timeoutMs: left(),
    });
    return { changed: true, value, version, receipt };
  } catch (error) {
    if (error instanceof FulcrumError && AGAIN.includes(error.code)) return error;
    throw error;
  }
}

function timeLeft(clock: Clock, deadlineMs: number, key: string): number {
  const leftMs = deadlineMs - clock.monotonicMs();
  if (leftMs > 0) return leftMs;
  const message = `the update of ${JSON.stringify(key)} did not get through in time. Nothing was written; try it again`;
  throw new FulcrumError({ code: 'TIMEOUT', message, definite: true, retryable: true });
}

function gaveUp(key: string, attempts: number, cause: FulcrumError): FulcrumError {
  const message =
    `the update of ${JSON.stringify(key)} gave up after ${attempts} attempts: another writer came in between each time. ` +
    'Nothing was written; try it again, or allow more attempts';
  const { currentVersion, receipt } = cause;
  return new FulcrumError(
    { code: 'CONDITION_FAILED', message, definite: true, retryable: true, currentVersion, receipt },
    { cause },
  );
}

/** The caller's function may take as long as it likes; the update ends all the same. */
function unlessAborted<V>(key: string, signal: AbortSignal | undefined, value: V | Promise<V>): V | Promise<V> {
  if (signal === undefined || !(value instanceof Promise)) return value;
  if (signal.aborted) throw aborted(key, signal);
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(aborted(key, signal)));
    value.then(resolve, reject).finally(stop);
  });
}

function aborted(key: string, signal: AbortSignal): FulcrumError {
  const message = `the update of ${JSON.stringify(key)} was aborted by its caller. Nothing was written`;
  const cause: unknown = signal.reason;
  return new FulcrumError({ code: 'ABORTED', message, definite: true, retryable: false }, { cause });
}

/** Until its time has passed, or the caller gives the update up. */
function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const over = (): void => {
      timer.cancel();
      stop();
      resolve();
    };
    const timer = clock.setTimer(ms, over);
    const stop = onAbort(signal, over);
  });
}
