/** One class for everything that can go wrong. Foreign errors are mapped to it once, in the adapters. */
import type { Receipt } from './receipt.js';

export const ERROR_CODES = [
  'INVALID_ARGUMENT',
  'UNAVAILABLE',
  'TIMEOUT',
  'CONDITION_FAILED',
  'OUTCOME_UNKNOWN',
  'TOO_OLD',
  'OP_MISMATCH',
  'LEVEL_NOT_MET',
  'THROTTLED',
  'OVERLOADED',
  'CIRCUIT_OPEN',
  'CLOCK_SKEW',
  'STALE_EPOCH',
  'UNAUTHENTICATED',
  'NOT_FOUND',
  'ABORTED',
] as const;
/**
 * What a caller of the SDK does about each. The SDK has then already retried within the call's timeout whatever is safe.
 *
 * | code | what happened | what to do |
 * |---|---|---|
 * | INVALID_ARGUMENT | The call makes no sense; nothing was sent, or the node refused it. | Mend the call; the message says what is wrong. |
 * | UNAVAILABLE | Too few home replicas (`required`, `received`, `missing`), or no node, can be reached. Definite. | Wait and send it again; ask at a lower level, or read with `allowStale`. |
 * | TIMEOUT | The time was up. For a write: it certainly was not carried out. | Send it again, with more time. |
 * | CONDITION_FAILED | The key has another version than `expect`. Definite; `currentVersion` is what is there. | Read and decide again: `update` does. |
 * | OUTCOME_UNKNOWN | The write was sent, and may have been applied, now or later. | `resolve` it, or read the key; send it again under the same `opId` only (`retryable` says so). |
 * | TOO_OLD | So many others wrote the key that it may have forgotten this operation. Nothing was sent. | Send it again: that is a new operation. |
 * | OP_MISMATCH | The `opId` was used for another write. Definite. | Give each write a name of its own. |
 * | LEVEL_NOT_MET | Applied, but on fewer copies than asked (`required`, `received`, `missing`). It stays applied. | Do not send it again as a new write; it spreads by itself. |
 * | THROTTLED | Faster than this client's own `throttle`, or than the node allows it. Definite. | Wait `retryAfterMs`; ask more slowly, or raise the limit. |
 * | OVERLOADED | The node, or this client's waiting line, is full. Definite. | Wait `retryAfterMs` where it is given; have less under way. |
 * | CIRCUIT_OPEN | Circuit breakers (`missing`) leave too few replicas; nothing was sent. Definite. | Wait `retryAfterMs`; fall back to a cache or a lower level. |
 * | CLOCK_SKEW | A clock is more than half a second ahead of the replicas'. Definite. | Check the clocks of the nodes (NTP). |
 * | STALE_EPOCH | The nodes are just changing their policy or members. Definite. | Send it again. |
 * | UNAUTHENTICATED | What is asked needs a token that was not given, or another one. | Give the right token. |
 * | NOT_FOUND | There is no cluster file. A key without a value is `found: false`, never this. | Start a cluster, or name its nodes. |
 * | ABORTED | The call's `signal` was aborted. `definite` says whether a write certainly did not happen. | Nothing; where it is not definite, as OUTCOME_UNKNOWN. |
 */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error says beyond its code; it crosses the wire as it is. */
export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What happened, what it means for the data, and what to do. */
  readonly message: string;
  /** True: the write certainly did not happen. False: it may have happened, now or later. */
  readonly definite: boolean;
  /** Copies the level asked for, where a level was not met. */
  readonly required?: number | undefined;
  readonly received?: number | undefined;
  /** The home replicas that did not answer, by name. */
  readonly missing?: readonly string[] | undefined;
  /** Whether the same call may succeed when sent again as it is. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  /** TOO_OLD: mint an operation above this, in microseconds of the cluster's clock. */
  readonly floor?: number | undefined;
  /**
   * CONDITION_FAILED: what would have held when the condition was judged, as `expect` takes it: the version that was
   * there, or `absent`. Told by the client, like the receipt; between processes both travel beside the error.
   */
  readonly currentVersion?: string | undefined;
  /** CONDITION_FAILED: what the comparison vouches for, as a read's receipt does. */
  readonly receipt?: Receipt | undefined;
  /**
   * Of a write that may have happened: names its operation for `client.resolve(key, error.operation)`, in this process or
   * another. The `opId` where the call had one. Told by the client.
   */
  readonly operation?: string | undefined;
}

export class FulcrumError extends Error implements ErrorDetails {
  override readonly name = 'FulcrumError';
  readonly code: ErrorCode;
  readonly definite: boolean;
  readonly required: number | undefined;
  readonly received: number | undefined;
  readonly missing: readonly string[] | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly floor: number | undefined;
  readonly currentVersion: string | undefined;
  readonly receipt: Receipt | undefined;
  readonly operation: string | undefined;

  constructor(details: ErrorDetails, options?: { cause?: unknown }) {
    super(details.message, options);
    this.code = details.code;
    this.definite = details.definite;
    this.required = details.required;
    this.received = details.received;
    this.missing = details.missing;
    this.retryable = details.retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.floor = details.floor;
    this.currentVersion = details.currentVersion;
    this.receipt = details.receipt;
    this.operation = details.operation;
  }

  toJSON(): ErrorDetails {
    const { code, message, definite, required, received, missing, retryable, retryAfterMs, floor } = this;
    const { currentVersion, receipt, operation } = this;
    return {
      code,
      message,
      definite,
      required,
      received,
      missing,
      retryable,
      retryAfterMs,
      floor,
      currentVersion,
      receipt,
      operation,
    };
  }
}

/** A refusal of what the caller sent; nothing was done. */
export function invalidArgument(message: string): ErrorDetails {
  return { code: 'INVALID_ARGUMENT', message, definite: true, retryable: false };
}
