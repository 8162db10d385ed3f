/** Errors as problem details (RFC 9457): the status is for HTTP, the rest is what every error of ours says. */
import { FulcrumError, type ErrorCode } from '../core/errors.js';
import { TooLarge, type Answer } from './exchange.js';

/**
 * A write of unknown outcome is a 504, as from a gateway whose origin did not answer; `definite` says which. LEVEL_NOT_MET
 * was applied, and is a failure all the same: fewer copies than asked. A 5xx without `definite: true` is to be sent again
 * under the same Idempotency-Key only.
 */
const STATUSES: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  CONDITION_FAILED: 412,
  OP_MISMATCH: 422,
  THROTTLED: 429,
  ABORTED: 499,
  LEVEL_NOT_MET: 503,
  UNAVAILABLE: 503,
  OVERLOADED: 503,
  CIRCUIT_OPEN: 503,
  CLOCK_SKEW: 503,
  STALE_EPOCH: 503,
  TOO_OLD: 503,
  TIMEOUT: 504,
  OUTCOME_UNKNOWN: 504,
};

/** What a 429 or 503 says where nothing better is known, in seconds. */
const RETRY_AFTER_SECONDS = 1;

export function problemOf(error: unknown): Answer {
  if (error instanceof TooLarge) return problem(413, error.message, { code: 'INVALID_ARGUMENT', definite: true });
  if (!(error instanceof FulcrumError)) {
    return problem(500, 'The gateway failed; its log says why.', { code: 'FAILED', definite: false });
  }
  const status = STATUSES[error.code];
  const { message, ...details } = error.toJSON();
  const isToWait = status === 429 || status === 503;
  const seconds = Math.max(RETRY_AFTER_SECONDS, Math.ceil((error.retryAfterMs ?? 0) / 1_000));
  return problem(status, message, details, isToWait ? { 'retry-after': String(seconds) } : {});
}

export function problem(
  status: number,
  detail: string,
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify({ type: 'about:blank', status, detail, ...more })}\n`,
  };
}
