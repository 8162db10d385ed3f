/** The errors a node answers with: what happened, what it means for the data, what to do. */
import type { Ballot } from '../core/ballot.js';
import { CLOCK_BOUND_MS } from '../core/defaults.js';
import type { ErrorDetails } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { ReceiptShape } from '../core/receipt.js';
import type { ErrorReply } from '../core/request.js';
import type { Version } from '../core/version.js';

export interface Shortfall {
  readonly level: Level;
  readonly required: number;
  readonly received: number;
  readonly missing: readonly string[];
}

function refuse(error: ErrorDetails, version?: Version): ErrorReply {
  return { kind: 'error', error, version };
}

function names(missing: readonly string[]): string {
  return missing.length === 0 ? 'none by name' : missing.join(', ');
}

export function unavailable({ level, required, received, missing }: Shortfall): ErrorReply {
  return refuse({
    code: 'UNAVAILABLE',
    message:
      `${level} needs ${required} home replicas of this key and ${received} can be reached; missing: ${names(missing)}. ` +
      'Nothing was done. Retry when they are back, or ask for a lower level',
    definite: true,
    retryable: true,
    required,
    received,
    missing,
  });
}

/** This side of a partition may not serve the key: the policy's P, or a write that only a majority can decide. */
export function noMajority(policy: string, isDecided: boolean, shortfall: Shortfall): ErrorReply {
  const { required, received, missing } = shortfall;
  const why = isDecided
    ? 'for a write that only a majority can decide: one with a condition or a name, or begun under a policy that asks for it'
    : `under ${policy}`;
  return refuse({
    code: 'UNAVAILABLE',
    message:
      `${received} of this key's home replicas can be reached and ${required} are needed ${why}; missing: ${names(missing)}. ` +
      'Nothing was done. Ask the other side or retry when they are back; reads with allowStale are served',
    definite: true,
    retryable: true,
    required,
    received,
    missing,
  });
}

/** Applied (and chosen, where the path is consensus), but on fewer copies than the level asks for. */
export function levelNotMet({ level, required, received, missing }: Shortfall, version: Version): ErrorReply {
  return refuse(
    {
      code: 'LEVEL_NOT_MET',
      message:
        `the write was applied on ${received} of the ${required} copies that ${level} asks for; missing: ${names(missing)}. ` +
        'It stays applied and readers will see it; do not send it again as a new write',
      definite: false,
      retryable: false,
      required,
      received,
      missing,
    },
    version,
  );
}

export function outcomeUnknown(why: string, shortfall?: Shortfall): ErrorReply {
  return refuse({
    code: 'OUTCOME_UNKNOWN',
    message: `${why}: the write may have been applied, now or later. Retry with the same operation id, or read the key`,
    definite: false,
    retryable: true,
    ...(shortfall === undefined
      ? {}
      : { required: shortfall.required, received: shortfall.received, missing: shortfall.missing }),
  });
}

export function timeout(why: string, shortfall?: Shortfall): ErrorReply {
  return refuse({
    code: 'TIMEOUT',
    message: `${why} before the deadline. Nothing was written; retry with a longer timeout`,
    definite: true,
    retryable: true,
    ...(shortfall === undefined
      ? {}
      : { required: shortfall.required, received: shortfall.received, missing: shortfall.missing }),
  });
}

export function tooOld(floor: number): ErrorReply {
  return refuse({
    code: 'TOO_OLD',
    message: 'the operation is older than what this key remembers, so it was not sent. Mint a new one above the floor',
    definite: true,
    retryable: false,
    floor,
  });
}

export function opMismatch(): ErrorReply {
  return refuse({
    code: 'OP_MISMATCH',
    message:
      'this operation id was used with another payload, or was resolved as not applied. Nothing was changed; ' +
      'use one id for one write',
    definite: true,
    retryable: false,
  });
}

/** What a failed comparison found; its receipt vouches for that as a read's does. */
export interface Found {
  readonly version: Version;
  readonly existed: boolean;
  readonly receipt: ReceiptShape;
  /** Under which what was found had been accepted; none: no longer known. */
  readonly accepted: Ballot;
  readonly serverMicros: number;
}

export function conditionFailed(found: Found): ErrorReply {
  const message = found.existed
    ? 'the key has another version than expected. Nothing was changed; read it and decide again'
    : 'the key has no value. Nothing was changed';
  return { kind: 'error', error: { code: 'CONDITION_FAILED', message, definite: true, retryable: false }, ...found };
}

export function clockSkew(who: string): ErrorReply {
  return refuse({
    code: 'CLOCK_SKEW',
    message: `${who} more than ${CLOCK_BOUND_MS} ms ahead of the replicas. Nothing was done; check the clocks (NTP)`,
    definite: true,
    retryable: true,
  });
}

export function overloaded(what: string): ErrorReply {
  return refuse({
    code: 'OVERLOADED',
    message: `${what}. Nothing was done; retry after a pause`,
    definite: true,
    retryable: true,
    retryAfterMs: 100,
  });
}

export function throttled(ratePerSecond: number, retryAfterMs: number): ErrorReply {
  const afterMs = Math.ceil(retryAfterMs);
  return refuse({
    code: 'THROTTLED',
    message:
      `this client asks faster than the ${ratePerSecond} requests a second that this node allows each. ` +
      `Nothing was done; send it again in ${afterMs} ms, or raise clientLimit in the cluster file`,
    definite: true,
    retryable: true,
    retryAfterMs: afterMs,
  });
}

export function aboveClientLimit(cost: number, burst: number): ErrorReply {
  return invalid(
    `the request costs as much as ${Math.ceil(cost)} requests, and this node lets each client make ${burst} at once: ` +
      'send less at once, or raise the burst of clientLimit in the cluster file',
  );
}

export function stopping(): ErrorReply {
  return refuse({
    code: 'UNAVAILABLE',
    message: 'this node is stopping. Nothing was done; ask another node',
    definite: true,
    retryable: true,
  });
}

export function invalid(message: string): ErrorReply {
  return refuse({
    code: 'INVALID_ARGUMENT',
    message: `${message}. Nothing was done`,
    definite: true,
    retryable: false,
  });
}

export function unreadable(why: string): ErrorReply {
  return refuse({
    code: 'UNAVAILABLE',
    message: `the keys of this node cannot be read: ${why}`,
    definite: true,
    retryable: true,
  });
}

export function reservedKey(): ErrorReply {
  return invalid('keys that begin with the character U+0000 are kept for the cluster itself');
}

export function notHome(): ErrorReply {
  return refuse({
    code: 'STALE_EPOCH',
    message:
      'a request was passed on to a node that does not own the key: the nodes disagree on the members. Nothing was done',
    definite: true,
    retryable: true,
  });
}

/** The name could not be claimed, so the operation was not carried out by this attempt. */
export function notClaimed(name: string, cause: ErrorDetails | undefined): ErrorReply {
  return refuse({
    code: cause?.code === 'TIMEOUT' ? 'TIMEOUT' : 'UNAVAILABLE',
    message:
      `the operation name ${JSON.stringify(name)} could not be claimed${cause === undefined ? '' : ` (${cause.message})`}. ` +
      'This attempt wrote nothing; send it again under the same name',
    definite: true,
    retryable: true,
    required: cause?.required,
    received: cause?.received,
    missing: cause?.missing,
  });
}

export function alarm(): ErrorReply {
  return refuse({
    code: 'OUTCOME_UNKNOWN',
    message: 'a replica reported a broken rule of the protocol and the request was stopped. See the log of the nodes',
    definite: false,
    retryable: false,
  });
}
