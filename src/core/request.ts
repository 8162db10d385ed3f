/** What a client asks a node, and what it is answered: one shape for the Pipe, the unary calls and forwarding. */
import type { Ballot } from './ballot.js';
import type { ErrorDetails } from './errors.js';
import type { Floor } from './floor.js';
import type { KeyPage, KeyRange } from './key-range.js';
import type { Level } from './level.js';
import type { Operation } from './operation.js';
import type { ReceiptShape } from './receipt.js';
import type { ValueEncoding } from './state.js';
import type { Version } from './version.js';

export type Request = GetRequest | MutateRequest | ListRequest;

interface RequestBase {
  /** Milliseconds this request may still take; what arrives later than that is dropped. */
  readonly timeoutMs: number;
}

export interface GetRequest extends RequestBase {
  readonly kind: 'get';
  readonly key: string;
  /** null: the policy's default. */
  readonly level: Level | null;
  /** Under PC: serve what is here, labelled `eventual`, where a majority cannot be reached. */
  readonly allowStale: boolean;
  /** The version of which the caller has the value: it is not sent again where that is what is read. */
  readonly known?: Version | undefined;
  /** What the caller's session has seen of the key; the answer says whether it shows no less. */
  readonly after?: Floor | undefined;
}

export interface MutateRequest extends RequestBase {
  readonly kind: 'mutate';
  readonly key: string;
  readonly level: Level | null;
  readonly operation: Operation;
  /** The caller's own name for the operation, which outlives its process (rule 20); null: it has none. */
  readonly name: string | null;
  /** Under which the caller's session has seen the key accepted: the write is to come after that where it can. */
  readonly above?: Ballot | undefined;
}

/** Keys that this one node holds, in key order: what scans are made of. */
export interface ListRequest extends RequestBase, KeyRange {
  readonly kind: 'list';
  /** Records that are looked at, whatever is in them. */
  readonly limit: number;
}

export type Reply = ValueReply | MutateReply | ListReply | ErrorReply;

export interface ValueReply {
  readonly kind: 'value';
  /** null: the key has no value, or the caller has it. */
  readonly value: Uint8Array | null;
  readonly encoding: ValueEncoding;
  readonly version: Version;
  /** Under which the state that was read had been accepted; none: there is no record. */
  readonly accepted: Ballot;
  /** It is the version that the caller has, with a value or without one. */
  readonly unchanged?: 'found' | 'absent' | undefined;
  /** It may show less than the caller's session has seen. */
  readonly behind?: true | undefined;
  readonly receipt: ReceiptShape;
  readonly serverMicros: number;
}

/** Whether the key has a value, sent or not. */
export function isFound({ value, unchanged }: ValueReply): boolean {
  return value !== null || unchanged === 'found';
}

export interface MutateReply {
  readonly kind: 'mutated';
  readonly version: Version;
  /** Under which it was accepted, with whatever else came in the same round; none: no longer known. */
  readonly accepted: Ballot;
  /** Whether the key had a value before; null where the latency path did not look. */
  readonly existed: boolean | null;
  readonly receipt: ReceiptShape;
  readonly serverMicros: number;
}

export interface ListReply extends KeyPage {
  readonly kind: 'keys';
}

export interface ErrorReply {
  readonly kind: 'error';
  readonly error: ErrorDetails;
  /** CONDITION_FAILED: the version that is there. LEVEL_NOT_MET: the version that was written. */
  readonly version?: Version | undefined;
  /** CONDITION_FAILED: whether the key has a value. */
  readonly existed?: boolean | undefined;
  /** CONDITION_FAILED: what the comparison vouches for; it is an answer about the key like a read. */
  readonly receipt?: ReceiptShape | undefined;
  /** Beside a receipt, as in {@link ValueReply}. */
  readonly accepted?: Ballot | undefined;
  readonly serverMicros?: number | undefined;
}
