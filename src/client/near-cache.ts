/** Values kept in this process, bounded and revalidated by version, so that what is read often is not fetched as often. */
import { FulcrumError, type ErrorCode } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Mutation } from '../core/operation.js';
import type { Policy } from '../core/policy.js';
import type { Receipt } from '../core/receipt.js';
import type { MutateReply, ValueReply } from '../core/request.js';
import type { Clock } from '../ports/clock.js';
import type { ValueCodec } from '../ports/value-codec.js';
import { checkKey, signalOf } from './arguments.js';
import { CachedValues, type CachedValue } from './cached-values.js';
import type { Waiter } from './calls.js';
import { checkAge, type CacheSettings } from './cache-settings.js';
import { CacheCounters, type CacheStats, type Lookup } from './cache-counters.js';
import { hitReceipt } from './hit-receipt.js';
import type { CallOptions, GetOptions } from './options.js';
import type { GetResult, MutateResult } from './results.js';
import { unlessAborted } from './unless-aborted.js';

/**
 * Where a value came from. `cache`: this process, no older than was allowed; nobody was asked. `refreshing`: this process,
 * older than that, and asked for again behind the answer. `revalidated`: this
 * process, and the cluster said at the level asked that it is still current. `cluster`: sent just now. `shared`: the
 * answer to what another call had asked a moment before, as of then. `fallback`: this process, because the cluster could
 * not answer.
 */
export type CacheSource = 'cache' | 'refreshing' | 'revalidated' | 'cluster' | 'shared' | 'fallback';

export interface CachedResult<T = unknown> extends GetResult<T> {
  readonly source: CacheSource;
  /** How long ago the value was asked for, or written by this client, in milliseconds; 0 where this call asked. */
  readonly ageMs: number;
}

export interface HeldValue {
  /** As results have it: undefined where the key never had a value. */
  readonly version: string | undefined;
  /** How long ago it was asked for or written, in milliseconds. */
  readonly ageMs: number;
}

export interface CachedGetOptions extends CallOptions {
  /** How old the value may be without asking, in milliseconds; as the cache was made where it is not given. */
  readonly maxAgeMs?: number | undefined;
}

export interface NearCacheParts {
  readonly clock: Clock;
  readonly codec: ValueCodec;
  readonly settings: CacheSettings;
  policy(): Policy;
  level(options: CallOptions): Level;
  deadline(options: CallOptions): number;
  get(key: string, options: GetOptions, deadlineMs: number, waiter: Waiter<GetResult>): void;
}

/** One question to the cluster, for all that ask the same meanwhile. */
interface Flight {
  readonly level: Level;
  readonly sentMs: number;
  readonly answer: Promise<Fetched>;
  /** This client has written the key since, so that what comes is nothing to keep. */
  isOutdated: boolean;
}

interface Fetched {
  readonly value: CachedValue;
  readonly receipt: Receipt;
  readonly lookup: Extract<Lookup, 'misses' | 'revalidated' | 'stale'>;
}

/** What is under way on one key. */
interface Writing {
  count: number;
  /** Several at once: which of them came last is not known here. */
  isMixed: boolean;
}

/** The cluster could not answer; everything else is an answer. */
const SILENT: readonly ErrorCode[] = ['UNAVAILABLE', 'TIMEOUT', 'CIRCUIT_OPEN', 'OVERLOADED', 'THROTTLED'];

/**
 * Reads through a cache in this process: `connect({ nearCache: {} })`, then `client.nearCache.get(key)`. A value that is
 * young enough is given at once; an older one is revalidated by its version, which costs no value where it is unchanged;
 * several that ask for one key at once share one question. This client's own writes, by whatever call, are in the cache
 * when they are acknowledged, and what they overwrite is not from the moment they begin.
 *
 * A hit vouches for `eventual` and nothing more: others may have written since, up to `maxAgeMs` ago. So does the answer
 * to another call's question, which may have been given before this call began. A revalidated value has the receipt of the
 * read that found it current.
 */
export class NearCache {
  readonly #parts: NearCacheParts;
  readonly #values: CachedValues;
  /** In the order in which they began. */
  readonly #flights = new Map<string, Set<Flight>>();
  readonly #writing = new Map<string, Writing>();
  readonly #counters = new CacheCounters();

  constructor(parts: NearCacheParts) {
    this.#parts = parts;
    this.#values = new CachedValues(parts.settings);
  }

  /** The value of a key. Rejects as `client.get` does, where there is nothing to fall back to. */
  async get<T = unknown>(key: string, options: CachedGetOptions = {}): Promise<CachedResult<T>> {
    checkKey(key);
    const signal = signalOf(options);
    const maxAgeMs = options.maxAgeMs === undefined ? this.#parts.settings.maxAgeMs : checkAge(options.maxAgeMs);
    const level = this.#parts.level(options);
    const nowMs = this.#parts.clock.monotonicMs();
    const known = this.#values.get(key, nowMs);
    if (known !== undefined && isYoung(nowMs - known.atMs, maxAgeMs)) {
      this.#counters.count('hits');
      return this.#result(key, known, 'cache', this.#hitReceipt(level, known), nowMs);
    }
    if (known !== undefined && this.#mayRefresh(nowMs - known.atMs, options)) {
      this.#counters.count('refreshing');
      if (this.#flightOf(key, level) === undefined) {
        this.#takeOff(key, level, known, { level }).answer.catch(() => undefined);
      }
      return this.#result(key, known, 'refreshing', this.#hitReceipt(level, known), nowMs);
    }
    try {
      return await unlessAborted(
        this.#fetched<T>(key, level, known, { ...options, maxAgeMs }),
        signal,
        `get of ${JSON.stringify(key)}`,
      );
    } catch (error) {
      return this.#fallBack(key, level, known, error);
    }
  }

  /** What it has of a key, whatever its age; nobody is asked, and nothing counted. */
  held(key: string): HeldValue | undefined {
    const nowMs = this.#parts.clock.monotonicMs();
    const known = this.#values.get(key, nowMs);
    return known === undefined ? undefined : { version: known.version, ageMs: Math.max(0, nowMs - known.atMs) };
  }

  /** Forgets what it has of a key, or of all. */
  invalidate(key?: string): void {
    if (key === undefined) this.#values.clear();
    else this.#values.delete(key);
    const flights = key === undefined ? [...this.#flights.keys()] : [key];
    for (const name of flights) this.#outdate(name);
  }

  /** Since the client was made; entries and bytes as they are now. */
  get stats(): CacheStats {
    return this.#counters.stats(this.#values);
  }

  /** The same for people to read. */
  report(): string {
    return this.#counters.report(this.#values, this.#parts.settings);
  }

  /** Internal: a write of this client begins. What it resolves and rejects with is to go through the returned waiter. */
  watch(key: string, mutation: Mutation, waiter: Waiter<MutateResult>): Waiter<MutateResult> {
    const startedMs = this.#parts.clock.monotonicMs();
    this.#values.delete(key);
    this.#outdate(key);
    const writing = this.#writing.get(key) ?? { count: 0, isMixed: false };
    writing.count += 1;
    writing.isMixed ||= writing.count > 1;
    this.#writing.set(key, writing);
    return {
      resolve: (result, reply) => {
        const { superseded, replayed } = (reply as MutateReply).receipt;
        if (this.#wrote(key, writing) && !superseded && !replayed) this.#keepWritten(key, mutation, result, startedMs);
        waiter.resolve(result, reply);
      },
      reject: (error) => {
        this.#wrote(key, writing);
        waiter.reject(error);
      },
    };
  }

  #mayRefresh(ageMs: number, options: CachedGetOptions): boolean {
    const { maxAgeMs, staleWhileRevalidateMs } = this.#parts.settings;
    const isAllowed = options.maxAgeMs === undefined && staleWhileRevalidateMs > 0;
    return isAllowed && ageMs <= maxAgeMs + staleWhileRevalidateMs;
  }

  /** Whether it is known that this write was the last one of this client. */
  #wrote(key: string, writing: Writing): boolean {
    // A read that began before the write ended may have found what it overwrote.
    this.#outdate(key);
    writing.count -= 1;
    if (writing.count > 0) return false;
    this.#writing.delete(key);
    return !writing.isMixed;
  }

  #keepWritten(key: string, mutation: Mutation, { version }: MutateResult, atMs: number): void {
    const isPut = mutation.kind === 'put';
    this.#values.set(key, {
      value: isPut ? Uint8Array.from(mutation.value) : null,
      encoding: isPut ? mutation.encoding : 'bytes',
      version,
      atMs,
      expiresMs: isPut && mutation.ttlMs > 0 ? atMs + mutation.ttlMs : Infinity,
    });
  }

  async #fetched<T>(
    key: string,
    level: Level,
    known: CachedValue | undefined,
    options: CachedGetOptions & { readonly maxAgeMs: number },
  ): Promise<CachedResult<T>> {
    const nowMs = this.#parts.clock.monotonicMs();
    const under = this.#flightOf(key, level);
    if (under !== undefined && isYoung(nowMs - under.sentMs, options.maxAgeMs)) {
      const { value } = await under.answer;
      this.#counters.count('shared');
      return this.#result(key, value, 'shared', this.#hitReceipt(level, value), this.#parts.clock.monotonicMs());
    }
    const { value, receipt, lookup } = await this.#takeOff(key, level, known, options).answer;
    this.#counters.count(lookup);
    return this.#result(key, value, lookup === 'revalidated' ? 'revalidated' : 'cluster', receipt, nowMs);
  }

  #takeOff(key: string, level: Level, known: CachedValue | undefined, options: CachedGetOptions): Flight {
    const sentMs = this.#parts.clock.monotonicMs();
    const { timeoutMs } = options;
    const asked = { level, timeoutMs, knownVersion: known?.version };
    const answer = new Promise<Fetched>((resolve, reject) => {
      this.#parts.get(key, asked, this.#parts.deadline(options), {
        resolve: (result, reply) => {
          this.#land(key, flight);
          const fetched = fetchedBy(result, reply as ValueReply, known, sentMs);
          if (!flight.isOutdated && !this.#writing.has(key)) this.#values.renew(key, fetched.value);
          resolve(fetched);
        },
        reject: (error) => {
          this.#land(key, flight);
          reject(error);
        },
      });
    });
    const flight: Flight = { level, sentMs, answer, isOutdated: false };
    this.#flights.set(key, (this.#flights.get(key) ?? new Set()).add(flight));
    return flight;
  }

  /** The last one to have begun. */
  #flightOf(key: string, level: Level): Flight | undefined {
    return [...(this.#flights.get(key) ?? [])].findLast((flight) => flight.level === level);
  }

  #land(key: string, flight: Flight): void {
    const ofKey = this.#flights.get(key);
    if (ofKey?.delete(flight) === true && ofKey.size === 0) this.#flights.delete(key);
  }

  /** What is being fetched of a key is not kept, and nobody joins in any more. */
  #outdate(key: string): void {
    const ofKey = this.#flights.get(key);
    if (ofKey === undefined) return;
    for (const flight of ofKey) flight.isOutdated = true;
    this.#flights.delete(key);
  }

  #fallBack<T>(key: string, level: Level, known: CachedValue | undefined, error: unknown): CachedResult<T> {
    const nowMs = this.#parts.clock.monotonicMs();
    const isSilence = error instanceof FulcrumError && SILENT.includes(error.code);
    // It may have been overwritten by this client meanwhile.
    const left = known === undefined || !isSilence ? undefined : this.#values.get(key, nowMs);
    if (left === undefined || nowMs - left.atMs > this.#parts.settings.fallbackMs) {
      this.#counters.count('failed');
      throw error;
    }
    this.#counters.count('fallbacks');
    return this.#result(key, left, 'fallback', this.#hitReceipt(level, left), nowMs);
  }

  #result<T>(key: string, held: CachedValue, source: CacheSource, receipt: Receipt, nowMs: number): CachedResult<T> {
    const { value, encoding, version, atMs } = held;
    return {
      key,
      found: value !== null,
      // Decoded anew for each caller: it is the caller's own.
      value: value === null ? undefined : (this.#parts.codec.decode(value, encoding) as T),
      version,
      unchanged: source === 'revalidated',
      receipt,
      source,
      ageMs: source === 'cluster' || source === 'revalidated' ? 0 : Math.max(0, nowMs - atMs),
    };
  }

  #hitReceipt(level: Level, { version }: CachedValue): Receipt {
    return hitReceipt(level, this.#parts.policy(), version);
  }
}

/** Where nothing older than now will do, also what was asked for this very moment may be. */
function isYoung(ageMs: number, maxAgeMs: number): boolean {
  return maxAgeMs > 0 && ageMs <= maxAgeMs;
}

function fetchedBy(
  { version, receipt }: GetResult,
  { value, encoding, unchanged }: ValueReply,
  known: CachedValue | undefined,
  sentMs: number,
): Fetched {
  if (unchanged !== undefined && known !== undefined) {
    return { value: { ...known, atMs: sentMs }, receipt, lookup: 'revalidated' };
  }
  // A copy: the bytes are part of a frame, which would be kept with them.
  const own = value === null ? null : Uint8Array.from(value);
  const held = { value: own, encoding, version, atMs: sentMs, expiresMs: Infinity };
  return { value: held, receipt, lookup: known === undefined ? 'misses' : 'stale' };
}
