/** The three kinds of call: read a key, change a key, list a node's keys. */
import type { Micros } from '../core/ballot.js';
import { FulcrumError } from '../core/errors.js';
import type { Floor } from '../core/floor.js';
import type { KeyPage, KeyRange } from '../core/key-range.js';
import { majority, requiredReplicas, type Level } from '../core/level.js';
import { makeOperation, type Operation } from '../core/operation.js';
import { formatHandle } from '../core/operation-id.js';
import { servesWithoutMajority, type Policy } from '../core/policy.js';
import type { MutateReply, Reply, Request, ValueReply } from '../core/request.js';
import type { Version } from '../core/version.js';
import type { ValueCodec } from '../ports/value-codec.js';
import { Call, type Carrier, type Lane } from './call.js';
import type { ClusterClock } from './cluster-clock.js';
import { toGetResult, toMutateResult, type GetResult, type MutateResult } from './results.js';
import { titleOf, type Write } from './writes.js';

const READ_LANES: Readonly<Record<Level, Lane>> = { ONE: 'get ONE', QUORUM: 'get QUORUM', ALL: 'get ALL' };
const WRITE_LANES: Readonly<Record<Level, Lane>> = { ONE: 'write ONE', QUORUM: 'write QUORUM', ALL: 'write ALL' };

/** Whoever waits for a call's outcome; settled exactly once. */
export interface Waiter<R> {
  /** `reply`: what the result was made of. */
  resolve(result: R, reply: Reply): void;
  reject(error: FulcrumError): void;
}

/** Everything about a read but its key. */
export interface Read {
  readonly level: Level;
  readonly allowStale: boolean;
  readonly known: Version | undefined;
  /** What the session it belongs to has seen of the key. */
  readonly after: Floor | undefined;
  /** The one node to ask; null: any. */
  readonly target: Carrier | null;
}

export class GetCall extends Call {
  readonly mutates = false;
  readonly isNamed = false;
  readonly operation = 'get';

  constructor(
    key: string,
    deadlineMs: number,
    private readonly read: Read,
    private readonly codec: ValueCodec,
    private readonly waiter: Waiter<GetResult>,
  ) {
    super(key, deadlineMs, key.length, read.target, READ_LANES[read.level]);
  }

  get level(): Level {
    return this.read.level;
  }

  request(timeoutMs: number): Request {
    const { level, allowStale, known, after } = this.read;
    return { kind: 'get', key: this.key, level, allowStale, known, after, timeoutMs };
  }

  answer(reply: Reply): boolean {
    if (reply.kind !== 'value') return false;
    const result = toGetResult(this.key, reply, this.codec);
    if (result instanceof Error) this.waiter.reject(result);
    else this.waiter.resolve(result, reply);
    return true;
  }

  fail(error: FulcrumError): void {
    this.waiter.reject(error);
  }

  startOver(): boolean {
    return false;
  }

  timeIn(reply: Reply): Micros {
    return reply.kind === 'value' ? newestTime(reply) : 0;
  }

  required(replicas: number, policy: Policy): number {
    const { level, allowStale } = this.read;
    return allowStale || servesWithoutMajority(policy) ? 1 : requiredReplicas(level, replicas);
  }
}

export class MutateCall extends Call {
  readonly mutates = true;
  #operation: Operation | undefined;

  constructor(
    key: string,
    deadlineMs: number,
    private readonly write: Write,
    private readonly waiter: Waiter<MutateResult>,
  ) {
    const { mutation, level } = write;
    const bytes = key.length + (mutation.kind === 'put' ? mutation.value.length : 0);
    super(key, deadlineMs, bytes, null, WRITE_LANES[level]);
  }

  get isNamed(): boolean {
    return this.write.name !== null;
  }

  get operation(): string {
    return titleOf(this.write.mutation);
  }

  get level(): Level {
    return this.write.level;
  }

  /** Every attempt carries the same operation, so that it takes effect once however often it is sent. */
  request(timeoutMs: number, nowMs: number, clock: ClusterClock): Request {
    const { level, form, mutation, name, above } = this.write;
    this.#operation ??= makeOperation(clock.mint(nowMs), form, mutation);
    return { kind: 'mutate', key: this.key, level, operation: this.#operation, name, above, timeoutMs };
  }

  answer(reply: Reply): boolean {
    if (reply.kind !== 'mutated') return false;
    this.waiter.resolve(toMutateResult(this.key, reply), reply);
    return true;
  }

  fail(error: FulcrumError): void {
    this.waiter.reject(error.definite ? error : this.#named(error));
  }

  /** Whoever is told that it may have happened can ask what became of it. */
  #named(error: FulcrumError): FulcrumError {
    const operation = this.write.name ?? (this.#operation && formatHandle(this.key, this.#operation));
    return new FulcrumError({ ...error.toJSON(), operation }, { cause: error.cause });
  }

  startOver(): boolean {
    this.#operation = undefined;
    this.last = null;
    return true;
  }

  timeIn(reply: Reply): Micros {
    return reply.kind === 'mutated' ? newestTime(reply) : 0;
  }

  /** A condition, and a name, are decided by a majority in every policy. */
  required(replicas: number, policy: Policy): number {
    const { level, mutation, name } = this.write;
    if (!servesWithoutMajority(policy)) return requiredReplicas(level, replicas);
    return mutation.expect === null && name === null ? 1 : majority(replicas);
  }
}

/** One page of the keys that one node holds. */
export class ListCall extends Call {
  readonly mutates = false;
  readonly isNamed = false;
  readonly operation = 'list';
  readonly level = null;

  constructor(
    deadlineMs: number,
    target: Carrier,
    private readonly range: KeyRange,
    private readonly limit: number,
    private readonly waiter: Waiter<KeyPage>,
  ) {
    super('', deadlineMs, 0, target, 'list');
  }

  override get title(): string {
    return 'listing of keys';
  }

  request(timeoutMs: number): Request {
    const { from, to, reverse } = this.range;
    return { kind: 'list', from, to, reverse, limit: this.limit, timeoutMs };
  }

  answer(reply: Reply): boolean {
    if (reply.kind !== 'keys') return false;
    this.waiter.resolve(reply, reply);
    return true;
  }

  fail(error: FulcrumError): void {
    this.waiter.reject(error);
  }

  startOver(): boolean {
    return false;
  }

  timeIn(): Micros {
    return 0;
  }

  required(): number {
    return 1;
  }
}

/** A version may have been accepted under a later ballot: only what is minted above that is not superseded by it. */
function newestTime({ version, accepted }: ValueReply | MutateReply): Micros {
  return Math.max(version.time, accepted.time);
}
