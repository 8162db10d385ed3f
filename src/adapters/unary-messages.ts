/** The messages of proto/kv.proto as requests, and replies as messages. What comes in may be anything. */
import type { Ballot } from '../core/ballot.js';
import { FRAME_OPERATIONS_MAX, TOTAL_TIMEOUT_MS } from '../core/defaults.js';
import { boundProblem, narrowed, restAfter } from '../core/key-range.js';
import { isLevel, type Level } from '../core/level.js';
import { keyProblem } from '../core/limits.js';
import { makeOperation, type Expectation, type Form, type Mutation } from '../core/operation.js';
import { formatOperationId, parseOperationId, type OperationIdentity } from '../core/operation-id.js';
import type { Guarantee, ReceiptShape } from '../core/receipt.js';
import { isFound, type ListReply, type MutateReply, type Request, type ValueReply } from '../core/request.js';
import { formatVersion, parseVersion, type Version } from '../core/version.js';
import { CodecError } from './codec-error.js';

export interface UnaryGet {
  readonly key: string;
  readonly level: string | number;
  readonly allowStale: boolean;
  /** '': none. */
  readonly knownVersion?: string;
  readonly timeoutMs: number;
}

export interface UnaryMutation {
  readonly key: string;
  readonly level: string | number;
  readonly timeoutMs: number;
  readonly ifAbsent?: boolean;
  readonly ifVersion?: string;
  readonly operationId: string;
  readonly operationName: string;
}

export interface UnaryPut extends UnaryMutation {
  readonly value: Uint8Array;
  readonly encoding: string | number;
  readonly ttlMs: number;
}

export interface UnaryList {
  readonly after: string;
  readonly from: string;
  readonly to: string;
  readonly reverse: boolean;
  readonly limit: number;
  readonly timeoutMs: number;
}

/** Who mints the operation of a caller that sent no id, and in which form. */
export interface Minter {
  mint(key: string): Ballot;
  formOf(level: Level | null): Form;
}

const LIST_LIMIT_DEFAULT = 1_000;
const TTL_MS_MAX = 8_000_000_000_000;
const GUARANTEE_NAMES: Record<Guarantee, string> = {
  linearizable: 'LINEARIZABLE',
  quorum: 'OVERLAPPING_QUORUMS',
  eventual: 'EVENTUAL',
};

export function getRequest(message: UnaryGet): Request {
  const { allowStale, knownVersion = '' } = message;
  const known = knownVersion === '' ? undefined : versionOf('known_version', knownVersion);
  const [key, level] = [checkKey(message.key), levelOf(message.level)];
  return { kind: 'get', key, level, allowStale, known, timeoutMs: timeoutOf(message) };
}

export function putRequest(message: UnaryPut, minter: Minter): Request {
  const { value, ttlMs } = message;
  if (!Number.isSafeInteger(ttlMs) || ttlMs > TTL_MS_MAX) throw new CodecError(`ttl_ms is at most ${TTL_MS_MAX}`);
  const encoding = encodingOf(message.encoding);
  return mutateRequest(
    message,
    { kind: 'put', value: new Uint8Array(value), encoding, ttlMs, expect: expectationOf(message) },
    minter,
  );
}

export function deleteRequest(message: UnaryMutation, minter: Minter): Request {
  return mutateRequest(message, { kind: 'delete', expect: expectationOf(message) }, minter);
}

export function listRequest(message: UnaryList): Request {
  const { after, from, to, reverse } = message;
  if (message.limit > FRAME_OPERATIONS_MAX) throw new CodecError(`limit is at most ${FRAME_OPERATIONS_MAX}`);
  const problem = boundProblem('after', after);
  if (problem !== undefined) throw new CodecError(problem);
  const range = { from, to, reverse };
  return {
    kind: 'list',
    ...(after === '' ? range : narrowed(range, restAfter({ from: '', to: '', reverse }, after))),
    limit: message.limit || LIST_LIMIT_DEFAULT,
    timeoutMs: timeoutOf(message),
  };
}

export function getReplyMessage(reply: ValueReply): object {
  const { value, encoding, unchanged } = reply;
  return {
    found: isFound(reply),
    value: value ?? new Uint8Array(0),
    encoding: encoding.toUpperCase(),
    unchanged: unchanged !== undefined,
    receipt: receiptMessage(reply),
  };
}

export function mutateReplyMessage(reply: MutateReply, operationId: string): object {
  const message = { receipt: receiptMessage(reply), operationId };
  return reply.existed === null ? message : { ...message, existed: reply.existed };
}

export function listReplyMessage(reply: ListReply): object {
  return { keys: reply.keys, more: reply.through !== null, through: reply.through ?? '' };
}

/** The id of a request's operation as callers see it; '' for a request that has none. */
export function operationIdOf(request: Request): string {
  return request.kind === 'mutate' ? formatOperationId(request.operation) : '';
}

function mutateRequest(message: UnaryMutation, mutation: Mutation, minter: Minter): Request {
  const key = checkKey(message.key);
  const name = message.operationName || null;
  const byMajority = mutation.expect !== null || name !== null;
  const level = byMajority ? majorityLevel(levelOf(message.level)) : levelOf(message.level);
  const again = message.operationId === '' ? undefined : knownOperation(message.operationId);
  const form = again?.form ?? (byMajority ? 'consensus' : minter.formOf(level));
  const operation = makeOperation(again?.id ?? minter.mint(key), form, mutation);
  return { kind: 'mutate', key, level, operation, name, timeoutMs: timeoutOf(message) };
}

/** A condition, and a name that outlives its process, are decided by a majority in every policy. */
function majorityLevel(level: Level | null): Level {
  if (level === 'ONE') throw new CodecError('a condition or an operation_name needs level QUORUM or ALL, not ONE');
  return level ?? 'QUORUM';
}

export function knownOperation(text: string): OperationIdentity {
  const operation = parseOperationId(text);
  if (operation === undefined) {
    throw new CodecError('operation_id is not one that this cluster gave out; leave it empty for a new operation');
  }
  return operation;
}

export function checkKey(key: string): string {
  const problem = keyProblem(key);
  if (problem !== undefined) throw new CodecError(problem);
  return key;
}

/** An enum's unknown values arrive as numbers. */
function levelOf(level: string | number): Level | null {
  if (level === 'LEVEL_DEFAULT') return null;
  if (!isLevel(level)) throw new CodecError(`${level} is not a level: ONE, QUORUM or ALL`);
  return level;
}

function encodingOf(encoding: string | number): 'bytes' | 'msgpack' {
  if (encoding === 'BYTES') return 'bytes';
  if (encoding !== 'MSGPACK') throw new CodecError(`${encoding} is not an encoding: BYTES or MSGPACK`);
  return 'msgpack';
}

function expectationOf(message: UnaryMutation): Expectation | null {
  if (message.ifAbsent === true) return 'absent';
  return message.ifVersion === undefined ? null : versionOf('if_version', message.ifVersion);
}

function versionOf(field: string, text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new CodecError(`${field} is not a version that this cluster gave out`);
  return version;
}

export function timeoutOf(message: { readonly timeoutMs: number }): number {
  return message.timeoutMs === 0 ? TOTAL_TIMEOUT_MS : message.timeoutMs;
}

export function receiptMessage(reply: {
  readonly receipt: ReceiptShape;
  readonly version: Version;
  readonly serverMicros: number;
}): object {
  const { receipt, version, serverMicros } = reply;
  return {
    ...receipt,
    guarantee: GUARANTEE_NAMES[receipt.guarantee],
    version: version.time === 0 ? '' : formatVersion(version),
    serverMs: serverMicros / 1_000,
  };
}
