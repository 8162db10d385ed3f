import type { CursorSeal } from '../ports/cursor-seal.js';
import type { ValueCodec } from '../ports/value-codec.js';
import { checkKey, signalOf } from './arguments.js';
import type { Entry } from './batch.js';
import { cacheSettingsOf } from './cache-settings.js';
import type { Waiter } from './calls.js';
import { Dispatch } from './dispatch.js';
import { Engine, type EngineParts } from './engine.js';
import { listKeys, type ListKeysOptions } from './key-listing.js';
import type { ClientListener } from './events.js';
import { getMany, putMany, type PutEntry } from './many.js';
import type { ClientMetrics } from './metrics.js';
import type { ClusterView, NodeBreaker } from './nodes.js';
import { checkTimeout, refuse } from './options.js';
import type {
  CallOptions,
  CompareAndSetOptions,
  CreateOptions,
  DeleteOptions,
  GetOptions,
  PutManyOptions,
  PutOptions,
  SessionOptions,
  Settings,
  UpdateOptions,
} from './options.js';
import { resolve, soughtBy, type Resolution, type ResolveParts } from './resolve.js';
import type { GetResult, MutateResult } from './results.js';
import type { NearCache } from './near-cache.js';
import { openCache } from './open-cache.js';
import { openSession } from './open-session.js';
import { Scanner } from './scan.js';
import type { Page, PageOptions, ScanItem, ScanOptions } from './scan-options.js';
import { checkAttempts, update, type Change, type UpdateResult } from './update.js';
import type { Session } from './session.js';
import { Turns } from './turns.js';
import { ANYTHING, checkTtl, expectationOf, majorityLevel } from './writes.js';

export interface ClientParts extends Omit<EngineParts, 'client'> {
  readonly codec: ValueCodec;
  readonly seal: CursorSeal;
}

/** How much of its time an update waits for others of the same key by the same client. */
const PATIENCE_SHARE = 0.5;
const NO_OPTIONS: GetOptions = Object.freeze({});

/**
 * A connection to a cluster, for any number of calls at the same time. Made by `connect`.
 *
 * Every call rejects with a FulcrumError and nothing else. `error.definite` tells whether the write certainly did
 * not happen; OUTCOME_UNKNOWN is the one to look at. Calls are retried within their timeout, always as the same
 * operation, so that a write takes effect at most once.
 */
export class Client {
  readonly #settings: Settings;
  readonly #engine: Engine;
  readonly #parts: ClientParts;
  readonly #dispatch: Dispatch;
  readonly #turns: Turns;
  readonly #scanner: Scanner;

  /**
   * Reads through a cache in this process, where `connect` was given `nearCache`: `client.nearCache?.get(key)`. Kept up
   * with whatever this client writes.
   */
  readonly nearCache: NearCache | undefined;

  private constructor(settings: Settings, engine: Engine, parts: ClientParts) {
    this.#settings = settings;
    this.#engine = engine;
    this.#parts = parts;
    this.#dispatch = new Dispatch(settings, engine, parts.codec);
    this.nearCache = openCache(settings.nearCache, this.#dispatch, engine, parts);
    this.#turns = new Turns(parts.clock);
    this.#scanner = new Scanner(settings, { ...parts, engine });
  }

  /** Rejects with UNAVAILABLE where no node can be reached. */
  static async open(settings: Settings, parts: ClientParts): Promise<Client> {
    if (settings.nearCache !== undefined) cacheSettingsOf(settings.nearCache);
    const client = { node: settings.name, incarnation: parts.random.hex64() };
    const engine = new Engine(settings, { ...parts, client });
    try {
      await engine.nodes.connect();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return new Client(settings, engine, parts);
  }

  /** The cluster as this client sees it now. */
  get cluster(): ClusterView {
    return this.#engine.nodes.view;
  }

  /** The state of each node's circuit breaker. */
  get breakers(): NodeBreaker[] {
    return this.#engine.nodes.breakers(this.#parts.clock.monotonicMs());
  }

  /**
   * Counters and latency histograms since the client was made, by kind of call and level; JSON as it is. Costs some ten
   * microseconds for each kind; what it is made of is kept at less than one for each call.
   */
  metrics(): ClientMetrics {
    return this.#engine.metrics();
  }

  /**
   * Tells of what happens beside the calls' own results: breakers, retries, hedges, waiting for the throttle,
   * connections, changes of the cluster. Returns what ends it.
   */
  onEvent(listener: ClientListener): () => void {
    return this.#engine.events.listen(listener);
  }

  /** The value of a key; `found` is false where it has none. Bytes come back as a Buffer of the caller's own. */
  get<T = unknown>(key: string, options: GetOptions = NO_OPTIONS): Promise<GetResult<T>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject } as Waiter<GetResult>;
      this.#dispatch.get(key, options, this.#dispatch.deadline(options), waiter);
    });
  }

  /**
   * Stores a value: a Uint8Array as it is, anything else as MessagePack. Map, Set, Date, bigint, typed arrays and
   * undefined inside objects come back as they were; instances of other classes as plain objects. What cannot be
   * stored is INVALID_ARGUMENT before anything is sent.
   */
  put(key: string, value: unknown, options: PutOptions = NO_OPTIONS): Promise<MutateResult> {
    return new Promise((resolve, reject) => {
      this.#dispatch.put(key, value, ANYTHING, options, this.#dispatch.deadline(options), { resolve, reject });
    });
  }

  /**
   * Stores a value only if `expect` is what is there: the version of an earlier result, or `absent`. Otherwise
   * rejects with CONDITION_FAILED, having changed nothing; `error.currentVersion` is what would have held.
   *
   * Decided by a majority in every policy. Where the call names no level it is at QUORUM at least; ONE is refused.
   */
  compareAndSet(key: string, value: unknown, options: CompareAndSetOptions): Promise<MutateResult> {
    return new Promise((resolve, reject) => {
      const expect = expectationOf((options as CompareAndSetOptions | undefined)?.expect);
      this.#dispatch.put(key, value, { expect }, options, this.#dispatch.deadline(options), { resolve, reject });
    });
  }

  /** Stores a value only if the key has none: `compareAndSet` that expects `absent`. */
  create(key: string, value: unknown, options: CreateOptions = NO_OPTIONS): Promise<MutateResult> {
    return this.compareAndSet(key, value, { ...options, expect: 'absent' });
  }

  /**
   * Removes a key's value. Succeeds, too, where there is none. With `expect`, only if that is what is there; else it
   * rejects as `compareAndSet` does.
   */
  delete(key: string, options: DeleteOptions = NO_OPTIONS): Promise<MutateResult> {
    return new Promise((resolve, reject) => {
      const expect = options.expect === undefined ? null : expectationOf(options.expect);
      const deadlineMs = this.#dispatch.deadline(options);
      this.#dispatch.mutate(key, { kind: 'delete', expect }, options, deadlineMs, { resolve, reject });
    });
  }

  /**
   * Changes a value by a function of it: reads at QUORUM, applies the function, and stores the result if nobody came
   * in between, else again. Updates of one key by one client take turns. The timeout is for all of it.
   *
   * Rejects with CONDITION_FAILED when others came in between each time, and with TIMEOUT when the time was up;
   * nothing was written then. OUTCOME_UNKNOWN ends it at once. What the function throws is passed on as it is.
   */
  async update<T = unknown>(
    key: string,
    change: Change<T>,
    options: UpdateOptions = NO_OPTIONS,
  ): Promise<UpdateResult<T>> {
    if (typeof change !== 'function') refuse('update takes a function that makes the new value of the present one');
    const { ttlMs, timeoutMs = this.#settings.timeoutMs } = options;
    checkKey(key);
    checkTtl(ttlMs);
    const { clock, random } = this.#parts;
    const plan = {
      level: majorityLevel(options.level, this.#dispatch.level(options)),
      deadlineMs: clock.monotonicMs() + checkTimeout('timeoutMs', timeoutMs),
      attempts: checkAttempts(options),
      ttlMs,
      signal: signalOf(options),
    };
    const parts = { clock, random, get: this.get.bind(this), compareAndSet: this.compareAndSet.bind(this) };
    const run = (): Promise<UpdateResult<T>> => update(parts, key, change, plan);
    return this.#turns.take(key, timeoutMs * PATIENCE_SHARE, run, plan.signal);
  }

  /**
   * Several keys, one entry for each in the same order. A key that cannot be read has `ok: false` and its error, and
   * does not hide the others. Rejects only where `keys` or `options` are wrong. `timeoutMs` is for all of them
   * together.
   */
  async getMany<T = unknown>(
    keys: readonly string[],
    options: GetOptions = NO_OPTIONS,
  ): Promise<Entry<GetResult<T>>[]> {
    return (await getMany(this.#dispatch, keys, options)) as Entry<GetResult<T>>[];
  }

  /** Several puts, each on its own and in no particular order: not a transaction. Entries as in `getMany`. */
  async putMany(entries: readonly PutEntry[], options: PutManyOptions = NO_OPTIONS): Promise<Entry<MutateResult>[]> {
    return putMany(this.#dispatch, entries, options);
  }

  /**
   * Keys and values of the whole cluster in key order, the order of the bytes of their UTF-8, read a page at a time
   * while the caller goes on: `for await (const { key, value } of client.scan({ prefix: 'user/' }))`.
   *
   * Every key that has a value throughout appears exactly once, none twice, whatever else is written, deleted or fails
   * meanwhile; each item is as its own read found it, at the level asked, so that the whole is not one moment's
   * picture. A key that comes or goes meanwhile may appear or not. That is said of values that a majority of their home
   * replicas holds, at QUORUM and ALL; one written at ONE, or degraded, and any value at ONE, appears where it has
   * reached a node that answers.
   *
   * Throws INVALID_ARGUMENT at once for options that make no sense. While it runs: UNAVAILABLE where so few home
   * replicas of some keys answer that one could be missing (never silence), or what a read of a value fails with.
   */
  scan<T = unknown>(options: ScanOptions = {}): AsyncGenerator<ScanItem<T>, void, undefined> {
    return this.#scanner.scan(options) as AsyncGenerator<ScanItem<T>, void, undefined>;
  }

  /**
   * One page of a scan. It ends after `limit` items (50 by default, 1000 at most), 1 MiB of keys and values, 10 000
   * records looked at on one node, or half of its timeout; so it may be short, or empty, and go on all the same.
   * ONLY where `pagination.nextCursor` is undefined is there nothing more.
   *
   * A cursor is a position and nothing else: any client of the cluster takes it, at any time, after restarts and
   * changes of the cluster's members. It goes on at the level it was made at. INVALID_ARGUMENT for one that was changed,
   * is of a later version, or comes with another range or level.
   *
   * `offset` instead of a cursor leaves out that many items. Every such page lists all keys before it again, and a key
   * that is put or deleted before the page moves all that follow by one, so that items are seen twice or not at all.
   * What is sure of a cursor is not sure of offsets; take them to jump, and its `nextCursor` to go on from there.
   */
  page<T = unknown>(options: PageOptions = {}): Promise<Page<T>> {
    return this.#scanner.page(options) as Promise<Page<T>>;
  }

  /**
   * What became of a write whose answer was lost: given its `opId`, or the `operation` of the error it failed with, in
   * this process or another.
   *
   * It settles the matter: a write that it does not find is kept from taking effect later, so that `notApplied` is for
   * good. So do not resolve an `opId` that is still to be used: to have such a write carried out once, send it again
   * under the same `opId`. Never applies anything. Looks by a majority in every policy, and rejects with UNAVAILABLE or
   * TIMEOUT where none answers; OP_MISMATCH where the `opId` was another key's.
   */
  async resolve(key: string, operation: string, options: CallOptions = NO_OPTIONS): Promise<Resolution> {
    checkKey(key);
    const sought = soughtBy(key, operation);
    const deadlineMs = this.#dispatch.deadline(options);
    const replicas = this.#engine.nodes.ring.homeReplicas(key).length;
    const look: ResolveParts['look'] = (what, level) => this.#dispatch.look(key, what, level, options, deadlineMs);
    return resolve(key, sought, { look, replicas });
  }

  /**
   * Begins a session: its reads show what it wrote and never less than it saw, at ONE too. Given the `token` of another
   * one, alone or as an option, it goes on from there, in this process or another.
   *
   * Throws INVALID_ARGUMENT at once for a token that was changed or belongs to another cluster.
   */
  session(options: string | SessionOptions = {}): Session {
    const asked: SessionOptions = typeof options === 'string' ? { token: options } : options;
    const { cursorSecret } = this.#settings;
    return openSession(asked, { ...this.#parts, cursorSecret, engine: this.#engine, dispatch: this.#dispatch });
  }

  /**
   * Internal, for `fulcrum export`: every key that has a value, in byte order, a page at a time. Fails where so many
   * nodes are unreachable that a key could be missing.
   */
  listKeys(options: ListKeysOptions = {}): AsyncGenerator<readonly string[], void, undefined> {
    return listKeys(
      { engine: this.#engine, clock: this.#parts.clock },
      { timeoutMs: this.#settings.timeoutMs, ...options },
    );
  }

  /** Waits for the calls under way, then closes the connections. Later calls fail with UNAVAILABLE. */
  close(): Promise<void> {
    return this.#engine.close();
  }
}
