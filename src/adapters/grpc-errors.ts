/** Errors of this project as gRPC states them, and those of gRPC as this project does: mapped here, once. */
import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { FulcrumError, type ErrorCode, type ErrorDetails } from '../core/errors.js';
import { formatVersion } from '../core/version.js';
import type { ErrorReply } from '../core/request.js';
import { CodecError } from './codec-error.js';
import { tlsProblem } from './tls-problems.js';

const STATUS_OF: Record<ErrorCode, status> = {
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  UNAVAILABLE: status.UNAVAILABLE,
  TIMEOUT: status.DEADLINE_EXCEEDED,
  CONDITION_FAILED: status.FAILED_PRECONDITION,
  OUTCOME_UNKNOWN: status.UNKNOWN,
  TOO_OLD: status.ABORTED,
  OP_MISMATCH: status.ALREADY_EXISTS,
  LEVEL_NOT_MET: status.FAILED_PRECONDITION,
  THROTTLED: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  CIRCUIT_OPEN: status.UNAVAILABLE,
  CLOCK_SKEW: status.FAILED_PRECONDITION,
  STALE_EPOCH: status.ABORTED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  NOT_FOUND: status.NOT_FOUND,
  ABORTED: status.CANCELLED,
};

const DETAILS_CHARACTERS_MAX = 1_024;

/** A status ends a call with a reason. */
export type CallStatus = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** The answer to a unary call that failed, with what is certain in the trailing metadata (proto/kv.proto). */
export function statusOf(reply: ErrorReply, operationId: string): CallStatus {
  const { error, version, existed } = reply;
  const metadata = new Metadata();
  const set = (name: string, value: number | boolean | string | undefined): void => {
    if (value !== undefined && value !== '') metadata.set(`fulcrum-${name}`, String(value));
  };
  set('code', error.code);
  set('definite', error.definite);
  set('retryable', error.retryable);
  set('required', error.required);
  set('received', error.received);
  set('missing', error.missing?.map((name) => encodeURIComponent(name.toWellFormed())).join(','));
  set('retry-after-ms', error.retryAfterMs);
  set('floor', error.floor);
  set('version', version === undefined || version.time === 0 ? undefined : formatVersion(version));
  set('existed', existed);
  set('operation-id', operationId);
  return { code: STATUS_OF[error.code], details: detailsOf(error.message), metadata };
}

/** Why a stream is closed from this side. */
export function refusal(code: ErrorCode, reason: string): CallStatus {
  const error: ErrorDetails = { code, message: reason, definite: true, retryable: false };
  return statusOf({ kind: 'error', error }, '');
}

/** What is wrong with a frame is the sender's fault; anything else thrown over it is ours. */
export function refusalOf(error: unknown): CallStatus {
  if (error instanceof CodecError)
    return refusal('INVALID_ARGUMENT', `Malformed frame: ${error.message}. The stream is closed.`);
  const metadata = new Metadata();
  return { code: status.INTERNAL, details: detailsOf(`The frame could not be handled: ${String(error)}`), metadata };
}

/** A failed stream as one of our errors. `definite`: nothing had been sent on it. */
export function fromGrpc(error: unknown, address: string, definite: boolean): FulcrumError {
  if (error instanceof FulcrumError) return error;
  const { code } = error as Partial<ServiceError>;
  return new FulcrumError(
    {
      code: codeOf(code, error),
      message: `The stream to ${address} is closed: ${saidBy(error)}. ${definite ? 'Nothing was sent on it.' : 'What was unanswered on it may or may not have been carried out.'}`,
      definite,
      retryable: code !== status.INVALID_ARGUMENT,
    },
    { cause: error },
  );
}

/** What gRPC or a node says, and what that means where certificates are the matter. */
export function saidBy(error: unknown): string {
  const { details } = error as Partial<ServiceError>;
  const said = (details ?? (error instanceof Error ? error.message : String(error)))
    .replaceAll(/\s+/g, ' ')
    .replace(/\.? Resolution note: ?\.?$/, '');
  const problem = tlsProblem(said);
  return problem === undefined ? said : `${problem} (${said})`;
}

function codeOf(code: status | undefined, error: unknown): ErrorCode {
  if (error instanceof CodecError || code === status.INVALID_ARGUMENT || code === status.FAILED_PRECONDITION)
    return 'INVALID_ARGUMENT';
  if (code === status.DEADLINE_EXCEEDED) return 'TIMEOUT';
  if (code === status.RESOURCE_EXHAUSTED) return 'OVERLOADED';
  return code === status.UNAUTHENTICATED ? 'UNAUTHENTICATED' : 'UNAVAILABLE';
}

/** grpc-js puts details through encodeURI, which throws at half of a surrogate pair. */
function detailsOf(message: string): string {
  return message.slice(0, DETAILS_CHARACTERS_MAX).toWellFormed();
}
