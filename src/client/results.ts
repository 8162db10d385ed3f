/** What calls resolve to: plain objects that always have the same fields. */
import { FulcrumError } from '../core/errors.js';
import type { Receipt, ReceiptShape } from '../core/receipt.js';
import { isFound, type ErrorReply, type MutateReply, type ValueReply } from '../core/request.js';
import { formatVersion } from '../core/version.js';
import type { ValueCodec } from '../ports/value-codec.js';

export interface GetResult<T = unknown> {
  readonly key: string;
  readonly found: boolean;
  /** The caller's own copy; undefined where the key has no value, or where it is `unchanged`. */
  readonly value: T | undefined;
  /** Opaque. Undefined where the key never had a value; a deleted key has the version of its deletion. */
  readonly version: string | undefined;
  /** It is the version that `knownVersion` named, so that its value was not sent again. */
  readonly unchanged: boolean;
  readonly receipt: Receipt;
}

/** What became of a put or a delete. */
export interface MutateResult {
  readonly key: string;
  /** Whether the key had a value before; undefined where the latency path did not look. */
  readonly existed: boolean | undefined;
  /** Opaque; names the state that this call created. */
  readonly version: string;
  readonly receipt: Receipt;
}

export function toGetResult(key: string, reply: ValueReply, codec: ValueCodec): GetResult | FulcrumError {
  const { version, value } = reply;
  const text = version.time === 0 ? undefined : formatVersion(version);
  const receipt = toReceipt(reply.receipt, text, reply.serverMicros);
  const unchanged = reply.unchanged !== undefined;
  if (value === null) return { key, found: isFound(reply), value: undefined, version: text, unchanged, receipt };
  try {
    const decoded = codec.decode(value, reply.encoding);
    return { key, found: true, value: decoded, version: text, unchanged, receipt };
  } catch (cause) {
    return unreadable(key, cause);
  }
}

export function toMutateResult(key: string, reply: MutateReply): MutateResult {
  const version = formatVersion(reply.version);
  const receipt = toReceipt(reply.receipt, version, reply.serverMicros);
  return { key, existed: reply.existed ?? undefined, version, receipt };
}

/** An error that answers the call, with what a condition was judged by. */
export function toAnswerError({ error, version, existed, receipt, serverMicros = 0 }: ErrorReply): FulcrumError {
  if (error.code !== 'CONDITION_FAILED' || version === undefined) return new FulcrumError(error);
  const text = version.time === 0 ? undefined : formatVersion(version);
  const currentVersion = existed === false || text === undefined ? 'absent' : text;
  return new FulcrumError({
    ...error,
    message: `${error.message} (what is there: ${currentVersion})`,
    currentVersion,
    receipt: receipt === undefined ? undefined : toReceipt(receipt, text, serverMicros),
  });
}

/** Field by field: this is made for every answer, and a spread costs several times as much. */
function toReceipt(shape: ReceiptShape, version: string | undefined, serverMicros: number): Receipt {
  return {
    operation: shape.operation,
    level: shape.level,
    policy: shape.policy,
    guarantee: shape.guarantee,
    acks: shape.acks,
    required: shape.required,
    replicas: shape.replicas,
    missing: shape.missing,
    hinted: shape.hinted,
    degraded: shape.degraded,
    durableCopies: shape.durableCopies,
    rounds: shape.rounds,
    coordinator: shape.coordinator,
    replayed: shape.replayed,
    superseded: shape.superseded,
    version,
    serverMs: serverMicros / 1_000,
  };
}

function unreadable(key: string, cause: unknown): FulcrumError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message =
    `the value of ${JSON.stringify(key)} was read but is not valid MessagePack: ${reason}. ` +
    'The stored bytes are unchanged; put the key again, or read it with the client that wrote it';
  return new FulcrumError({ code: 'INVALID_ARGUMENT', message, definite: true, retryable: false }, { cause });
}
