/** What each attempt says about the node that it went to. */
import type { ErrorCode, ErrorDetails } from '../core/errors.js';
import type { Reply } from '../core/request.js';
import type { Attempt } from './call.js';
import { isAnswer } from './failures.js';
import type { Hedging } from './hedging.js';

/**
 * `answered`: it did what was asked. `refused`: it works, but how soon it said no tells nothing about how fast it is.
 * `failed`: it did not answer in time. `lost`: it cannot serve, or was not given the time to answer. `nothing`: nothing
 * was learnt.
 */
export type Verdict = 'answered' | 'refused' | 'failed' | 'lost' | 'nothing';

/** Refusals that are about the cluster rather than this node: a minority refuses, others did not answer it. */
const ABOUT_OTHERS: readonly ErrorCode[] = ['UNAVAILABLE', 'TIMEOUT', 'OUTCOME_UNKNOWN', 'CLOCK_SKEW', 'STALE_EPOCH'];

export function verdictOf(reply: Reply): Verdict {
  if (reply.kind !== 'error') return 'answered';
  const { code } = reply.error;
  if (code === 'OVERLOADED') return 'lost';
  if (ABOUT_OTHERS.includes(code)) return 'nothing';
  return isAnswer(code) ? 'answered' : 'refused';
}

/** The node said when it wants to be asked again. */
export function notePushback({ carrier }: Attempt, { code, retryAfterMs }: ErrorDetails, nowMs: number): void {
  if (retryAfterMs === undefined || (code !== 'THROTTLED' && code !== 'OVERLOADED')) return;
  carrier.heldUntilMs = Math.max(carrier.heldUntilMs, nowMs + retryAfterMs);
}

/** False: it was reported before. */
export function report(attempt: Attempt, verdict: Verdict, nowMs: number, hedging: Hedging): boolean {
  const { lease, carrier, call } = attempt;
  if (lease === null) return false;
  attempt.lease = null;
  const latencyMs = nowMs - attempt.sentMs;
  switch (verdict) {
    case 'answered':
      lease.succeed(nowMs);
      carrier.load.answered(latencyMs, nowMs);
      if (attempt.previous === null) hedging.observe(call, latencyMs, nowMs);
      return true;
    case 'refused':
      lease.succeed(nowMs);
      carrier.load.abandoned();
      return true;
    case 'failed':
      lease.fail(nowMs);
      carrier.load.answered(latencyMs, nowMs);
      if (attempt.previous === null) hedging.observe(call, latencyMs, nowMs);
      return true;
    case 'lost':
      lease.fail(nowMs);
      carrier.load.abandoned();
      return true;
    case 'nothing':
      lease.release(nowMs);
      carrier.load.abandoned();
      return true;
  }
}
