/** Why an attempt failed, and what that makes of the whole call. Pure: no clock, no state. */
import { FulcrumError, type ErrorCode } from '../core/errors.js';
import { RETRY_BACKOFF_MAX_MS, RETRY_BACKOFF_MIN_MS } from '../core/defaults.js';

/** What the rules need to know of a call. */
export interface Tried {
  readonly title: string;
  readonly mutates: boolean;
  /** Whether the same call again is the same operation: its caller gave it a name (PROTOCOL.md rule 20). */
  readonly isNamed: boolean;
  /** Attempts that were sent and not refused definitely. */
  readonly unresolved: number;
}

/**
 * Answers rather than refusals: the operation was looked up or recorded in the key's window (PROTOCOL.md rule 7b,
 * 7c), or applied (rule 10), so that every other attempt of it gets the same one and another try changes nothing.
 *
 * That holds for CONDITION_FAILED after attempts that were lost, too, and rule 21 does not make it unknown. The
 * failure was recorded in a state that a majority chose before it was reported (7c, 7d), at a ballot above everything
 * the lost attempts could still have chosen; whoever goes on from there finds it in the window (7b), or is told
 * "too old" where the window has forgotten it, which is OUTCOME_UNKNOWN or TOO_OLD and no answer. Had a lost attempt
 * been applied, this one would have found that in the window and succeeded. A coordinator that itself sent an accept
 * with the effect says OUTCOME_UNKNOWN instead (6d, 7f), which is retried as the same operation and then answered
 * from the window. Under a name (rule 20) the claim fixes the operation for every process, so it is the same there.
 */
const ANSWERS: readonly ErrorCode[] = ['CONDITION_FAILED', 'OP_MISMATCH', 'LEVEL_NOT_MET'];

export function isAnswer(code: ErrorCode): boolean {
  return ANSWERS.includes(code);
}

/**
 * The error of the whole call, after its last attempt failed with `failure`.
 *
 * Rule 21: a definite refusal is final only if no other attempt may act. An attempt that was itself refused
 * definitely has sent no accept (rule 7f) and is over, so it does not count; one that was lost, or is still
 * unanswered, does, and then nobody knows the outcome.
 */
export function outcomeOf(call: Tried, failure: FulcrumError): FulcrumError {
  if (isAnswer(failure.code)) return failure;
  if (failure.code === 'OUTCOME_UNKNOWN') return retryableOnlyByName(call, failure);
  if (!call.mutates || call.unresolved === 0) return failure;
  const message =
    `the outcome of the ${call.title} is unknown: ${failure.message}. It may have been applied, or may still be; ` +
    (call.isNamed
      ? 'send it again under the same opId, it takes effect once'
      : 'ask client.resolve(key, error.operation) before you decide to send it again');
  return new FulcrumError(
    { code: 'OUTCOME_UNKNOWN', message, definite: false, missing: failure.missing, retryable: call.isNamed },
    { cause: failure },
  );
}

/** To the client, which keeps the operation, every unknown outcome may be tried again; to its caller only a named one. */
function retryableOnlyByName({ isNamed }: Tried, failure: FulcrumError): FulcrumError {
  if (failure.retryable === isNamed) return failure;
  return new FulcrumError({ ...failure.toJSON(), retryable: isNamed }, { cause: failure.cause });
}

/**
 * Full jitter: anywhere between nothing and a bound that doubles with each try, from the moment on that the node asks
 * for, so that clients which were told the same do not come back together.
 */
export function pauseBefore(nextTry: number, failure: FulcrumError, unit: number): number {
  const bound = Math.min(RETRY_BACKOFF_MAX_MS, RETRY_BACKOFF_MIN_MS * 2 ** (nextTry - 2));
  return (failure.retryAfterMs ?? 0) + unit * bound;
}

export function unanswered(call: Tried, node: string, waitedMs: number): FulcrumError {
  const message = `node ${node} did not answer the ${call.title} within ${Math.round(waitedMs)} ms`;
  return new FulcrumError({ code: 'TIMEOUT', message, definite: !call.mutates, retryable: true });
}

export function connectionLost(call: Tried, node: string, sent: boolean, cause: Error): FulcrumError {
  const message = `the connection to node ${node} was lost ${sent ? 'during' : 'before'} the ${call.title}: ${cause.message}`;
  const definite = !sent || !call.mutates;
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite, retryable: true }, { cause });
}

export function nobodyToAsk(call: Tried, nodes: string, cause: Error | undefined): FulcrumError {
  const message = `no node could be asked for the ${call.title}: ${nodes}`;
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true }, { cause });
}

export function wrongAnswer(call: Tried, node: string, kind: string): FulcrumError {
  const message = `node ${node} answered the ${call.title} with ${JSON.stringify(kind)}, which does not belong to it`;
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: !call.mutates, retryable: true });
}

export function stillInLine(call: Tried): FulcrumError {
  const message = `the ${call.title} waited for earlier calls of this client until its time was up; nothing was sent`;
  return new FulcrumError({ code: 'TIMEOUT', message, definite: true, retryable: true });
}

export function lineIsFull(call: Tried, waiting: number): FulcrumError {
  const message =
    `the ${call.title} was not sent: ${waiting} calls of this client are waiting already. ` +
    'Wait for some of them, or raise maxWaiting';
  return new FulcrumError({ code: 'OVERLOADED', message, definite: true, retryable: true });
}

export function clientIsClosed(call: Tried): FulcrumError {
  const message = `the ${call.title} was not sent: this client is closed`;
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false });
}

/** The breakers leave too few of the key's home replicas for what is asked, or nobody who could be asked. */
export function circuitOpen(call: Tried, { broken, required, received, retryAfterMs }: Broken): FulcrumError {
  const message =
    `the ${call.title} was not sent: the circuit breakers of ${broken.join(', ')} are open, because most of the last ` +
    `calls to them failed, and ${required} home replicas are needed where ${received} are left. ` +
    `Ask again in ${Math.ceil(retryAfterMs)} ms, or at a lower level`;
  return new FulcrumError({
    code: 'CIRCUIT_OPEN',
    message,
    definite: true,
    required,
    received,
    missing: broken,
    retryable: true,
    retryAfterMs,
  });
}

/** What the breakers leave. */
export interface Broken {
  readonly broken: readonly string[];
  readonly required: number;
  readonly received: number;
  readonly retryAfterMs: number;
}

/** The caller gave it up. Definite where no attempt that was sent may have acted, or may still act. */
export function aborted(call: Tried, reason: unknown): FulcrumError {
  const definite = !call.mutates || call.unresolved === 0;
  const fate = definite
    ? 'Nothing was changed'
    : 'It was sent and may have been applied, or may still be; ask client.resolve(key, error.operation) what became of it';
  const message = `the ${call.title} was aborted by its caller. ${fate}`;
  return new FulcrumError({ code: 'ABORTED', message, definite, retryable: false }, { cause: reason });
}

/** `reason`: what the client's own limit refused it with. */
export function throttled(call: Tried, reason: unknown): FulcrumError {
  const known = reason instanceof FulcrumError ? reason : undefined;
  const message = `the ${call.title} was not sent: ${known?.message ?? String(reason)}`;
  const { retryAfterMs } = known ?? {};
  const details = { code: 'THROTTLED', message, definite: true, retryable: true, retryAfterMs } as const;
  return new FulcrumError(details, { cause: reason });
}

export function aboveBurst(call: Tried, cost: number, burst: number): FulcrumError {
  const message =
    `the ${call.title} was not sent: it costs ${cost} tokens, and the throttle of this client never holds more than ` +
    `${burst}. Raise its burst, or send less at once`;
  return new FulcrumError({ code: 'INVALID_ARGUMENT', message, definite: true, retryable: false });
}
