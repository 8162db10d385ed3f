/** Whether and when a call is tried again, and what that takes from the budget that all calls share. */
import { RETRY_ATTEMPTS } from '../core/defaults.js';
import type { FulcrumError } from '../core/errors.js';
import type { Random } from '../ports/random.js';
import type { Call } from './call.js';
import { pauseBefore } from './failures.js';
import { RetryBudget, type RetryBudgetOptions, type RetryCause } from './resilience/retry-budget.js';

/**
 * `refused`: the node said so. `elsewhere`: its connection was lost, so another node is asked at once. `late`: it did
 * not answer, likewise. `unsent`: it never saw the attempt. `nobody`: there was no node to ask.
 */
export type Missed = 'refused' | 'elsewhere' | 'late' | 'unsent' | 'nobody';

/** A retry with less time than this would most likely only make an outcome unknown that is known. */
const RETRY_ROOM_MS = 30;
/** How much earlier than the client a node gives up, where a tenth of its time is no less. */
const ANSWER_MARGIN_MS = 50;

export class Retries {
  readonly #budget: RetryBudget;
  readonly #random: Random;

  constructor(options: RetryBudgetOptions, random: Random) {
    this.#budget = new RetryBudget(options);
    this.#random = random;
  }

  /**
   * How long to pause before the next attempt, in milliseconds; 0: not at all; undefined: there is none. Where the
   * budget is spent, a call waits once for others to succeed.
   */
  next(call: Call, failure: FulcrumError, why: Missed, nowMs: number, underWay: number): number | undefined {
    if (!failure.retryable || call.tries >= RETRY_ATTEMPTS || nowMs >= call.deadlineMs) return undefined;
    const isPaid = isFree(call, why) || this.#pay(call, why === 'late' ? 'timeout' : 'failure', underWay);
    if (!isPaid && !call.isPatient) return undefined;
    const pauseMs = isPaid && isAtOnce(why) ? 0 : this.#pauseMs(call, failure);
    if (pauseMs === 0) return 0;
    if (nowMs + pauseMs + RETRY_ROOM_MS > call.deadlineMs) return undefined;
    call.failure = failure;
    call.isOwing = !isPaid;
    call.isPatient &&= isPaid;
    return pauseMs;
  }

  /** After a pause: null, or what the call fails with, because the budget is still spent or its time nearly over. */
  resume(call: Call, nowMs: number, underWay: number): FulcrumError | null {
    const { failure, isOwing } = call;
    call.failure = null;
    call.isOwing = false;
    if (call.deadlineMs - nowMs < RETRY_ROOM_MS / 2) return failure;
    return !isOwing || this.#pay(call, 'failure', underWay) ? null : failure;
  }

  tryHedge(call: Call, underWay: number): boolean {
    const isPaid = this.#budget.tryHedge(underWay);
    if (isPaid) call.extra += 1;
    return isPaid;
  }

  succeeded(): void {
    this.#budget.succeeded();
  }

  /** None of its extra attempts is waited for any more. */
  ended(call: Call): void {
    if (call.extra === 0) return;
    this.#budget.ended(call.extra);
    call.extra = 0;
  }

  #pay(call: Call, cause: RetryCause, underWay: number): boolean {
    this.ended(call);
    const isPaid = this.#budget.tryRetry(underWay, cause);
    if (isPaid) call.extra = 1;
    return isPaid;
  }

  /** Never nothing: the call waits for something. */
  #pauseMs(call: Call, failure: FulcrumError): number {
    return Math.max(1, pauseBefore(call.tries + 1, failure, this.#random.unit()));
  }
}

function isAtOnce(why: Missed): boolean {
  return why === 'elsewhere' || why === 'late' || why === 'unsent';
}

/**
 * What sends nothing more than was meant to be sent costs nothing. So does the first attempt after a lost connection:
 * its node is gone, and of all calls that it takes with it at once the budget would save but a few. A connection that
 * is lost again and again has to pay.
 */
function isFree({ tries }: Call, why: Missed): boolean {
  return why === 'unsent' || why === 'nobody' || (why === 'elsewhere' && tries === 1);
}

/** How much of its time a node is told; it can then still say what kept it, and is not taken for one that says nothing. */
export function timeForNode(waitedMs: number): number {
  return Math.max(1, Math.ceil(waitedMs - Math.min(ANSWER_MARGIN_MS, waitedMs / 10)));
}
