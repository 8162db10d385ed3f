/** One call of the SDK and the attempts it is made of. */
import type { Micros } from '../core/ballot.js';
import type { FulcrumError } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Policy } from '../core/policy.js';
import type { Reply, Request } from '../core/request.js';
import type { PipeRequest } from '../ports/pipe.js';
import type { ClusterClock } from './cluster-clock.js';
import { Waiting } from './deadlines.js';
import type { CircuitBreaker, Lease } from './resilience/circuit-breaker.js';
import type { CallObserver } from './telemetry.js';
import type { LoadScore } from './resilience/load-score.js';

/**
 * `new`: not started. `throttled`: the client's own limit. `inLine`: too many calls are under way. `asked`: an attempt is
 * out. `pausing`: before the next attempt. `settled`: the caller has its answer.
 */
export type Phase = 'new' | 'throttled' | 'inLine' | 'asked' | 'pausing' | 'settled';

/** What carries attempts to one node. */
export interface Carrier {
  readonly name: string;
  readonly ready: boolean;
  readonly breaker: CircuitBreaker;
  readonly load: LoadScore;
  /** Until when the node asked not to be asked again; reads go elsewhere where they can. */
  heldUntilMs: number;
  send(attempt: Attempt): void;
  /** Nobody waits for this attempt any more. */
  forget(attempt: Attempt): void;
}

/** What it takes to be as long as another call: the level, and whether it is durable. */
export const LANES = ['get ONE', 'get QUORUM', 'get ALL', 'write ONE', 'write QUORUM', 'write ALL', 'list'] as const;
export type Lane = (typeof LANES)[number];

/** Bookkeeping of one call in memory, besides its key and value. */
const CALL_BYTES = 512;

export abstract class Call extends Waiting {
  phase: Phase = 'new';
  /** On the monotonic clock. */
  startedMs = 0;
  /** Whom its caller's hook left behind to be told of the outcome. */
  observer: CallObserver | null = null;
  /** Attempts made so far, whether they were sent or not. */
  tries = 0;
  /** Attempts that were sent and not refused definitely: each of them may have acted, or may still act. */
  unresolved = 0;
  last: Attempt | null = null;
  /** Second nodes that were asked, or were not because the budget was spent. */
  hedges = 0;
  /** Places in the retry budget that it holds. */
  extra = 0;
  /** Whether it may still wait for a place in the retry budget: once. */
  isPatient = true;
  /** Why it is to be tried again, while it pauses before that. */
  failure: FulcrumError | null = null;
  /** Whether that is still to be paid for. */
  isOwing = false;
  /** Its caller's, while the call is watched for it. */
  signal: AbortSignal | null = null;

  /** Whether the outcome matters to the data. */
  abstract readonly mutates: boolean;
  /** Whether the caller gave the operation a name. */
  abstract readonly isNamed: boolean;
  /** As a word: `get`, `put`, `compare-and-set`, … */
  abstract readonly operation: string;
  /** null: it has none. */
  abstract readonly level: Level | null;

  protected constructor(
    readonly key: string,
    /** On the monotonic clock. */
    readonly deadlineMs: number,
    /** Its key and value. */
    readonly payloadBytes: number,
    /** The one node that can answer; null: any. */
    readonly target: Carrier | null,
    /** Calls of one lane take about equally long. */
    readonly lane: Lane,
  ) {
    super();
  }

  /** For messages: `put of "greeting"`. */
  get title(): string {
    return `${this.operation} of ${JSON.stringify(this.key)}`;
  }

  /** What this call keeps in memory, roughly. */
  get bytes(): number {
    return CALL_BYTES + this.payloadBytes;
  }

  abstract request(timeoutMs: number, nowMs: number, clock: ClusterClock): Request;
  /** Gives the caller its result; false if this reply cannot be the answer to this call. */
  abstract answer(reply: Reply): boolean;
  abstract fail(error: FulcrumError): void;
  /** The operation certainly did not happen: go on as a new one. False: it has no operation. */
  abstract startOver(): boolean;
  /** The largest time in a reply that later operations should come after; 0: none. */
  abstract timeIn(reply: Reply): Micros;
  /** Home replicas, of so many, without which it is certain to be refused. */
  abstract required(replicas: number, policy: Policy): number;
}

/** One try of a call at one node; it stays known until the call is settled, so that a late answer counts too. */
export class Attempt implements PipeRequest {
  /** Chosen when it is sent. */
  id = 0;
  /** On the monotonic clock; 0 until it is sent. */
  sentMs = 0;
  /** What its outcome is reported to; null: it was, and nothing is expected of this attempt any more. */
  lease: Lease | null = null;
  /** It was sent while another one was out. */
  isHedge = false;

  constructor(
    readonly call: Call,
    readonly carrier: Carrier,
    readonly request: Request,
    readonly previous: Attempt | null,
  ) {}
}

/** Whether its outcome is still to be reported. */
export function isOut(attempt: Attempt): boolean {
  return attempt.lease !== null;
}

/** Whether an answer may still come that was not given up. */
export function hasOut(call: Call): boolean {
  for (let attempt = call.last; attempt !== null; attempt = attempt.previous) if (isOut(attempt)) return true;
  return false;
}

/** When the first of the attempts that are out was sent. */
export function oldestOut(call: Call): number {
  let sentMs = Infinity;
  for (let attempt = call.last; attempt !== null; attempt = attempt.previous) {
    if (isOut(attempt) && attempt.sentMs > 0) sentMs = Math.min(sentMs, attempt.sentMs);
  }
  return sentMs;
}

/** Where attempts end up. */
export interface AttemptSink {
  /** Handed to the pipe just now, at `attempt.sentMs`. */
  sent(attempt: Attempt): void;
  replied(attempt: Attempt, reply: Reply): void;
  /** It will not be answered. `sent` false: the node has certainly not seen it. */
  lost(attempt: Attempt, sent: boolean, reason: Error): void;
}
