/** What became of a write whose answer was lost (PROTOCOL.md rules 20 and 21). */
import { operationNameProblem } from '../core/claim.js';
import { FulcrumError, type ErrorCode } from '../core/errors.js';
import { requiredReplicas, type Level } from '../core/level.js';
import { LOOK_UP, makeOperation } from '../core/operation.js';
import { isHandle, parseHandle, type OperationIdentity } from '../core/operation-id.js';
import type { Receipt } from '../core/receipt.js';
import type { Micros } from '../core/ballot.js';
import type { Reply, Request } from '../core/request.js';
import { Call } from './call.js';
import type { ClusterClock } from './cluster-clock.js';
import { refuse } from './options.js';
import { toMutateResult, type MutateResult } from './results.js';

/**
 * `applied`: it took effect, once. `notApplied`: it did not, and never will. `unknown`: the key no longer remembers
 * whether it did, or a home replica that could not be reached may still take it.
 */
export type Fate = 'applied' | 'notApplied' | 'unknown';

export interface Resolution {
  readonly key: string;
  readonly outcome: Fate;
  /** The version that it created; undefined unless it was applied. */
  readonly version: string | undefined;
  /** What the look at the key, or at the record of the name, vouches for; undefined where it is unknown. */
  readonly receipt: Receipt | undefined;
  /** Why it is unknown. */
  readonly reason: string | undefined;
}

/** What is to be looked up: an operation of the SDK's own, or one that its caller named. */
export type Sought = { readonly operation: OperationIdentity } | { readonly name: string };

/** Throws INVALID_ARGUMENT. */
export function soughtBy(key: string, operation: unknown): Sought {
  if (typeof operation !== 'string') refuse('resolve takes the opId of a write, or the `operation` of its error');
  if (isHandle(operation)) {
    const identity = parseHandle(key, operation);
    if (identity !== undefined) return { operation: identity };
    refuse(
      `this is not the operation of a write of ${JSON.stringify(key)}: pass the key, and error.operation as it is`,
    );
  }
  const problem = operationNameProblem(operation);
  return problem === undefined ? { name: operation } : refuse(problem);
}

/** Looks once, at one level. */
export class ResolveCall extends Call {
  /** The look itself may be carried out twice; it must not race a second node as reads do. */
  readonly mutates = true;
  /** Looking again is the same look. */
  readonly isNamed = true;
  readonly operation = 'resolve';

  constructor(
    key: string,
    deadlineMs: number,
    private readonly sought: Sought,
    readonly level: Level,
    private readonly waiter: { resolve(found: MutateResult | FulcrumError): void; reject(error: FulcrumError): void },
  ) {
    super(key, deadlineMs, key.length, null, level === 'ALL' ? 'write ALL' : 'write QUORUM');
  }

  override get title(): string {
    return `resolve of a write of ${JSON.stringify(this.key)}`;
  }

  request(timeoutMs: number, nowMs: number, clock: ClusterClock): Request {
    const [id, name] = 'name' in this.sought ? [clock.mint(nowMs), this.sought.name] : [this.sought.operation.id, null];
    const operation = makeOperation(id, 'consensus', LOOK_UP);
    return { kind: 'mutate', key: this.key, level: this.level, operation, name, timeoutMs };
  }

  answer(reply: Reply): boolean {
    if (reply.kind !== 'mutated') return false;
    this.waiter.resolve(toMutateResult(this.key, reply));
    return true;
  }

  /** An attempt that was lost is no answer: what it was lost by is why nothing could be looked up. */
  fail(error: FulcrumError): void {
    const told = error.code === 'OUTCOME_UNKNOWN' && error.cause instanceof FulcrumError ? error.cause : error;
    if (isFate(told)) this.waiter.resolve(told);
    else this.waiter.reject(told);
  }

  startOver(): boolean {
    return false;
  }

  timeIn(reply: Reply): Micros {
    return reply.kind === 'mutated' ? reply.accepted.time : 0;
  }

  required(replicas: number): number {
    return requiredReplicas(this.level, replicas);
  }
}

const FATES: readonly ErrorCode[] = ['CONDITION_FAILED', 'TOO_OLD', 'OUTCOME_UNKNOWN'];

function isFate({ code }: FulcrumError): boolean {
  return FATES.includes(code);
}

export interface ResolveParts {
  /** Looks once. Rejects where it could not. */
  look(sought: Sought, level: Level): Promise<MutateResult | FulcrumError>;
  /** How many home replicas the key has. */
  readonly replicas: number;
}

export async function resolve(key: string, sought: Sought, parts: ResolveParts): Promise<Resolution> {
  const first = await parts.look(sought, 'QUORUM');
  if (!(first instanceof FulcrumError)) {
    return { key, outcome: 'applied', version: first.version, receipt: first.receipt, reason: undefined };
  }
  if (first.code !== 'CONDITION_FAILED') return unknown(key, first.message);
  const isLatency = 'operation' in sought && sought.operation.form !== 'consensus';
  if (!isLatency) return { key, outcome: 'notApplied', version: undefined, receipt: first.receipt, reason: undefined };
  return everywhere(key, sought, parts);
}

/**
 * A write at ONE is applied where any one replica takes it, without asking a majority. From the moment on that every home
 * replica holds what was written over it, none can take it any more.
 */
async function everywhere(key: string, sought: Sought, parts: ResolveParts): Promise<Resolution> {
  const reason =
    'a majority does not have it, and a home replica that did not answer may have taken it or may still do; it loses ' +
    'to what the others hold when that one is back. Resolve again then';
  const last = await parts.look(sought, 'ALL').catch(() => undefined);
  const receipt = last instanceof FulcrumError && last.code === 'CONDITION_FAILED' ? last.receipt : undefined;
  if (receipt === undefined || receipt.acks < parts.replicas) return unknown(key, reason);
  return { key, outcome: 'notApplied', version: undefined, receipt, reason: undefined };
}

function unknown(key: string, reason: string): Resolution {
  return { key, outcome: 'unknown', version: undefined, receipt: undefined, reason };
}
