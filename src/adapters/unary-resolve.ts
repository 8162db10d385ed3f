/** What became of a write, as the unary call Resolve: the same looks as the SDK's `client.resolve`. */
import type { Ballot } from '../core/ballot.js';
import { LOOK_UP, makeOperation } from '../core/operation.js';
import type { ErrorReply, MutateRequest, Reply } from '../core/request.js';
import { NO_VERSION } from '../core/version.js';
import { CodecError } from './codec-error.js';
import { checkKey, knownOperation, receiptMessage, timeoutOf } from './unary-messages.js';

export interface UnaryResolve {
  readonly key: string;
  readonly operationId: string;
  readonly operationName: string;
  readonly timeoutMs: number;
}

export interface Look {
  readonly request: MutateRequest;
  /** What is looked up is a latency write, which any one home replica may have taken. */
  readonly isLatency: boolean;
}

/** What an answer to a look leads to: another look, the reply to the caller, or an error that is his. */
export type Looked = Look | { readonly message: object } | { readonly error: ErrorReply };

export function lookOf(message: UnaryResolve, mint: (key: string) => Ballot): Look {
  const { operationId, operationName } = message;
  if ((operationId === '') === (operationName === '')) {
    throw new CodecError('name the write by its operation_id or by its operation_name, by one of them');
  }
  const key = checkKey(message.key);
  const [name, sought] = operationName === '' ? [null, knownOperation(operationId)] : [operationName, undefined];
  const operation = makeOperation(sought?.id ?? mint(key), 'consensus', LOOK_UP);
  return {
    request: { kind: 'mutate', key, level: 'QUORUM', operation, name, timeoutMs: timeoutOf(message) },
    isLatency: sought !== undefined && sought.form !== 'consensus',
  };
}

/** Of a latency write a majority's word is not enough: every home replica must hold what was written over it. */
export function afterLook({ request, isLatency }: Look, reply: Reply): Looked {
  if (reply.kind === 'mutated') return { message: { outcome: 'APPLIED', receipt: receiptMessage(reply) } };
  const isLast = !isLatency || request.level === 'ALL';
  if (reply.kind !== 'error') return { message: UNKNOWN };
  const { error, receipt, version = NO_VERSION, serverMicros = 0 } = reply;
  if (error.code === 'TOO_OLD' || error.code === 'OUTCOME_UNKNOWN') return { message: UNKNOWN };
  if (error.code !== 'CONDITION_FAILED') return request.level === 'ALL' ? { message: UNKNOWN } : { error: reply };
  if (!isLast) return { isLatency, request: { ...request, level: 'ALL' } };
  if (receipt === undefined || (isLatency && receipt.acks < receipt.required)) return { message: UNKNOWN };
  return { message: { outcome: 'NOT_APPLIED', receipt: receiptMessage({ receipt, version, serverMicros }) } };
}

const UNKNOWN = { outcome: 'UNKNOWN' };
