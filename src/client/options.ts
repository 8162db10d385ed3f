/** What a client and its calls can be told, and the checks on it. */
import { NODE_NAME_LENGTH_MAX } from '../core/ballot.js';
import { ATTEMPT_TIMEOUT_MS, CLIENT_NAME_DEFAULT, OPERATION_LIFETIME_MS, TOTAL_TIMEOUT_MS } from '../core/defaults.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { isLevel, LEVELS, type Level } from '../core/level.js';
import { BALANCES, type Balance, type BalancerOptions } from './balancer.js';
import type { EngineOptions } from './engine.js';
import type { ThrottleSettings } from './gate.js';
import type { HedgeSettings } from './hedging.js';
import type { GivenNode } from './nodes.js';
import type { CircuitBreakerOptions } from './resilience/circuit-breaker.js';
import type { HedgeDelayOptions } from './resilience/hedge-delay.js';
import type { RetryBudgetOptions } from './resilience/retry-budget.js';
import type { CallHook } from './telemetry.js';
import type { WatchOptions } from './watch.js';

/** Calls under way at once; further ones wait in order. */
const MAX_IN_FLIGHT = 10_000;
const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;
/** Calls that wait; further ones fail with OVERLOADED. */
const MAX_WAITING = 100_000;
const SECRET_LENGTH_MAX = 1_024;

export interface ClientOptions {
  /** For calls that name none. Default: the one of the cluster's policy, QUORUM where E is C and ONE where it is L. */
  readonly level?: Level | undefined;
  /** How long a call may take in all, retries included, in milliseconds; 5000 by default, 30000 at most. */
  readonly timeoutMs?: number | undefined;
  /** How long one node may take before another one is asked, in milliseconds; 1000 by default. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Calls under way at once, 10000 by default; further ones wait in order, within their own timeout. */
  readonly maxInFlight?: number | undefined;
  /** Keys and values under way at once, in bytes; 128 MiB by default. */
  readonly maxInFlightBytes?: number | undefined;
  /** Calls that may wait, 100000 by default; further ones fail with OVERLOADED. */
  readonly maxWaiting?: number | undefined;
  /** Whether to use nodes of the cluster that were not given; true by default. False where a proxy must be passed. */
  readonly discover?: boolean | undefined;
  /**
   * Seals the cursors of `page` and the tokens of sessions, 1 to 1024 characters: for callers that hand them to somebody
   * else, such as a browser.
   * The same for every client that is to take them. By default the cluster's name, which is no secret.
   */
  readonly cursorSecret?: string | undefined;
  /**
   * This client's own limit. A call takes a token, and `perByte` tokens for each byte of its key and value; where there
   * are none it waits its turn until its deadline, and fails with THROTTLED where that would be too late.
   */
  readonly throttle?: ThrottleOption | undefined;
  /**
   * Whether a call that has taken longer than 99 in 100 do (10 to 500 ms) asks a second node as well; the first answer
   * counts. Reads by default; `{ writes: true }`: writes too, which are the same operation wherever they are sent, but
   * may get in each other's way. Costs at most what the retry budget allows.
   */
  readonly hedge?: false | HedgeOption | undefined;
  /** What retries and hedges may add; false: as many as there are attempts for. */
  readonly retryBudget?: false | RetryBudgetOptions | undefined;
  /** When calls are kept away from a node that fails most of them; false: never. */
  readonly breaker?: false | Omit<CircuitBreakerOptions, 'onChange'> | undefined;
  /** How reads at ONE are spread over a key's home replicas; `primary` by default. Everything else asks the primary. */
  readonly balance?: Balance | undefined;
  /** Names of nodes near this client: reads ask them first where they have the key. */
  readonly preferNodes?: readonly string[] | undefined;
  /** Keeps values in this process: `client.nearCache` reads through it. None where it is not given. */
  readonly nearCache?: NearCacheOptions | undefined;
  /** A hook around every call, for tracers and meters such as OpenTelemetry's: see {@link CallHook}. None by default. */
  readonly onCall?: CallHook | undefined;
  /** Whether calls are counted and their latencies kept for `client.metrics()`; true by default. */
  readonly metrics?: boolean | undefined;
  /**
   * This client's name, 1 to 64 characters; `client` by default. Part of the identity of its operations, and what nodes
   * that limit their clients know it by: all clients of one name share a limit; without one, all of one address do.
   */
  readonly name?: string | undefined;
}

export interface NearCacheOptions {
  /** Values that are kept, 10000 by default. */
  readonly maxEntries?: number | undefined;
  /** Keys and values that are kept, with what keeping them takes, in bytes; 32 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** How old a value may be without asking, in milliseconds; 1000 by default. 0: every read is revalidated. */
  readonly maxAgeMs?: number | undefined;
  /**
   * How much older a value may be that is given at once and asked for again behind the answer, in milliseconds; 0 by
   * default. Not where a call names its own `maxAgeMs`. It is stale-while-revalidate of RFC 5861.
   */
  readonly staleWhileRevalidateMs?: number | undefined;
  /** How old a value may be where the cluster cannot answer, in milliseconds; 0 by default: never. */
  readonly fallbackMs?: number | undefined;
}

export interface ThrottleOption {
  /** Tokens that come back in a second, above 0. */
  readonly ratePerSecond: number;
  /** The most that can be taken at once; a second's worth by default. No less than the largest call costs. */
  readonly burst?: number | undefined;
  /** Tokens for each byte of a call's key and value, beside the one for the call; 0 by default. */
  readonly perByte?: number | undefined;
  /** Calls that may wait, 10000 by default; further ones fail with THROTTLED at once. */
  readonly maxWaiting?: number | undefined;
}

export interface HedgeOption extends HedgeDelayOptions {
  /** True by default. */
  readonly reads?: boolean | undefined;
  /** False by default. */
  readonly writes?: boolean | undefined;
}

export interface CallOptions {
  /** How many home replicas must have answered. */
  readonly level?: Level | undefined;
  /** How long this call may take in all, in milliseconds; 30000 at most. */
  readonly timeoutMs?: number | undefined;
  /**
   * Gives this call up, and no other: it rejects with ABORTED, whose `cause` is the signal's reason. `definite` is true
   * where the write certainly did not happen, because it was not sent or every attempt was refused; a write that was
   * sent may have been applied.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface GetOptions extends CallOptions {
  /** Under PC: take what one node has where a majority cannot be reached. The receipt then says `eventual`. */
  readonly allowStale?: boolean | undefined;
  /**
   * The version of an earlier result whose value the caller still has. Where that is what is read now, at the level
   * asked, the result says `unchanged` and carries no value.
   */
  readonly knownVersion?: string | undefined;
}

export interface MutateOptions extends CallOptions {
  /**
   * The caller's own name for this operation, 1 to 255 characters. For 24 hours, whoever sends a write under it, from
   * whatever process, has the same write carried out once and gets the outcome of the first; another key or another
   * value under the same name is OP_MISMATCH. Decided by a majority in every policy, so that level ONE is refused.
   */
  readonly opId?: string | undefined;
}

export interface PutOptions extends MutateOptions {
  /** How long the value lives from now on, in milliseconds; for ever where it is not given. */
  readonly ttlMs?: number | undefined;
}

/** One `opId` could not stand for several writes. */
export type PutManyOptions = Omit<PutOptions, 'opId'>;
export type CreateOptions = PutOptions;

export interface CompareAndSetOptions extends PutOptions {
  /** The version that must be there, from an earlier result; `absent`: the key must have no value. */
  readonly expect: string;
}

export interface DeleteOptions extends MutateOptions {
  /** Only if this version is there; whatever is there where it is not given. */
  readonly expect?: string | undefined;
}

export interface SessionOptions {
  /** A session's `token`, to go on from what that session had seen. */
  readonly token?: string | undefined;
  /** Keys that it keeps in mind, 1000 by default and 10000 at most; at a further one its calls fail with OVERLOADED. */
  readonly keysMax?: number | undefined;
}

export interface UpdateOptions extends CallOptions {
  /** How often the function may be called before the update gives up with CONDITION_FAILED; 25 by default. */
  readonly attempts?: number | undefined;
  /** How long the new value lives, in milliseconds; for ever where it is not given. */
  readonly ttlMs?: number | undefined;
}

export interface Settings extends EngineOptions {
  readonly name: string;
  readonly level: Level | undefined;
  readonly timeoutMs: number;
  readonly cursorSecret: string | undefined;
  readonly nearCache: NearCacheOptions | undefined;
}

/** Every option with its default. Throws INVALID_ARGUMENT. */
export function settingsOf(options: ClientOptions, given: readonly GivenNode[]): Settings {
  const { name = CLIENT_NAME_DEFAULT, discover = true } = options;
  if (given.length === 0) refuse('a client needs the address of at least one node');
  for (const { address } of given) checkAddress(address);
  if (typeof name !== 'string' || name.length === 0 || name.length > NODE_NAME_LENGTH_MAX) {
    refuse(`name must be a text of 1 to ${NODE_NAME_LENGTH_MAX} characters`);
  }
  if (typeof discover !== 'boolean') refuse('discover must be true or false');
  return {
    given,
    discover,
    name,
    nearCache: options.nearCache,
    cursorSecret: options.cursorSecret === undefined ? undefined : checkSecret(options.cursorSecret),
    level: options.level === undefined ? undefined : checkLevel(options.level),
    timeoutMs: checkTimeout('timeoutMs', options.timeoutMs ?? TOTAL_TIMEOUT_MS),
    ...resilienceOf(options),
    ...watchedBy(options),
    maxInFlight: checkCount('maxInFlight', options.maxInFlight ?? MAX_IN_FLIGHT, 1),
    maxInFlightBytes: checkCount('maxInFlightBytes', options.maxInFlightBytes ?? MAX_IN_FLIGHT_BYTES, 1),
    maxWaiting: checkCount('maxWaiting', options.maxWaiting ?? MAX_WAITING, 0),
  };
}

function watchedBy({ metrics = true, onCall }: ClientOptions): WatchOptions {
  if (typeof metrics !== 'boolean') refuse('metrics must be true or false');
  if (onCall !== undefined && typeof onCall !== 'function') refuse('onCall must be a function');
  return { metrics, onCall };
}

/** The options of the patterns themselves are checked where those are made. */
function resilienceOf(options: ClientOptions): Resilience {
  const attemptTimeoutMs = checkTimeout('attemptTimeoutMs', options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS);
  const { breaker = {}, retryBudget = {} } = options;
  return {
    attemptTimeoutMs,
    ...balancingOf(options),
    breaker: breaker === false ? NEVER_OPEN : { probeLeaseMs: 2 * attemptTimeoutMs, ...breaker },
    retryBudget: retryBudget === false ? NO_BUDGET : retryBudget,
    hedge: hedgeOf(options.hedge),
    throttle: options.throttle === undefined ? undefined : throttleOf(options.throttle),
  };
}

function balancingOf({ balance = 'primary', preferNodes = [] }: ClientOptions): BalancerOptions {
  if (!BALANCES.includes(balance)) refuse(`balance must be one of ${BALANCES.join(', ')}, not ${balance as string}`);
  if (!isNames(preferNodes)) refuse('preferNodes must be an array of names of nodes');
  return { balance, preferNodes };
}

function hedgeOf(hedge: false | HedgeOption = {}): HedgeSettings {
  if (hedge === false) return { reads: false, writes: false };
  return { ...hedge, reads: hedge.reads ?? true, writes: hedge.writes ?? false };
}

function throttleOf(throttle: ThrottleOption): ThrottleSettings {
  const { perByte = 0 } = throttle;
  if (perByte >= 0 && perByte < Infinity) return { ...throttle, perByte };
  return refuse(`perByte must be a number of at least 0, not ${perByte}`);
}

type Resilience = Pick<
  Settings,
  'attemptTimeoutMs' | 'balance' | 'preferNodes' | 'breaker' | 'retryBudget' | 'hedge' | 'throttle'
>;

const NEVER_OPEN = { callsMin: Number.MAX_SAFE_INTEGER };
const NO_BUDGET = { cost: 0, timeoutCost: 0, least: Number.MAX_SAFE_INTEGER };

function isNames(names: unknown): boolean {
  return Array.isArray(names) && names.every((name) => typeof name === 'string');
}

export function checkLevel(level: unknown): Level {
  return isLevel(level) ? level : refuse(`level must be one of ${LEVELS.join(', ')}, not ${String(level)}`);
}

/** Bounded by what an operation may take (PROTOCOL.md rule 14). */
export function checkTimeout(name: string, timeoutMs: unknown): number {
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= OPERATION_LIFETIME_MS) return timeoutMs;
  return refuse(`${name} must be above 0 and at most ${OPERATION_LIFETIME_MS} milliseconds, not ${String(timeoutMs)}`);
}

export function refuse(message: string, cause?: unknown): never {
  throw new FulcrumError(invalidArgument(message), { cause });
}

function checkSecret(secret: unknown): string {
  if (typeof secret === 'string' && secret.length > 0 && secret.length <= SECRET_LENGTH_MAX) return secret;
  return refuse(`cursorSecret must be a text of 1 to ${SECRET_LENGTH_MAX} characters`);
}

function checkCount(name: string, count: unknown, least: number): number {
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= least) return count;
  return refuse(`${name} must be a whole number of at least ${least}, not ${String(count)}`);
}

function checkAddress(address: unknown): void {
  const port = typeof address === 'string' ? Number(/^\S+:(\d{1,5})$/.exec(address)?.[1]) : NaN;
  if (!(port > 0 && port < 65_536))
    refuse(`an address must be host:port, such as 127.0.0.1:7401, not ${String(address)}`);
}
