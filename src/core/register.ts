/**
 * One replica's rules for one key (PROTOCOL.md rules 1, 4 and 5). A record is never changed in place: each
 * function gives the record that follows, and what may be answered once that record is durable (rule 3).
 */
import {
  compareBallots,
  isNone,
  isWellFormed,
  maxBallot,
  NO_BALLOT,
  sameBallot,
  type Ballot,
  type Micros,
} from './ballot.js';
import { sameState, type State } from './state.js';

export interface Record {
  readonly promised: Ballot;
  readonly accepted: Ballot;
  /** null exactly where accepted is none. */
  readonly state: State | null;
  /** The largest opTime or windowFloor of any state ever accepted here. */
  readonly maxOpTime: Micros;
}

/** What a replica judges by that is not in the record. */
export interface ReplicaContext {
  /** This replica's physical clock; read only where it is needed. */
  readonly now: Micros;
  /** D of rule 1. */
  readonly clockBound: Micros;
  /** F of the key's range: what tombstone collection has forgotten (rule 17). */
  readonly floor: Ballot;
}

export interface Nack {
  readonly kind: 'nack';
  readonly promised: Ballot;
  readonly accepted: Ballot;
}

export interface ClockSkew {
  readonly kind: 'skew';
  /** The replica's clock. */
  readonly clock: Micros;
}

/** The ballot cannot be compared, or one ballot came with two states: nothing was done, raise an alarm. */
export interface Alarm {
  readonly kind: 'alarm';
  readonly reason: string;
}

export interface Changed {
  readonly kind: 'changed';
  readonly record: Record;
}

/** The same accept came again: nothing to write, but the answer still waits for the first to be durable. */
export interface Unchanged {
  readonly kind: 'unchanged';
}

/** The record of a key that has none. */
export function emptyRecord(floor: Ballot): Record {
  return { promised: floor, accepted: NO_BALLOT, state: null, maxOpTime: floor.time };
}

/** What a record without a state says once its range has the floor F: nothing at or below it is accepted any more. */
export function atFloor(record: Record, floor: Ballot): Record {
  if (!isNone(record.accepted) || isNone(floor)) return record;
  return {
    ...record,
    promised: maxBallot(record.promised, floor),
    maxOpTime: Math.max(record.maxOpTime, floor.time),
  };
}

/** Rule 4. The reply to a promise is the record it was made on. */
export function prepare(before: Record, ballot: Ballot, context: ReplicaContext): Changed | Nack | ClockSkew | Alarm {
  const record = atFloor(before, context.floor);
  const refusal = refuseBallot(record, ballot, context);
  if (refusal !== null) return refusal;
  if (compareBallots(ballot, highest(record)) <= 0) return nack(record);
  return { kind: 'changed', record: { ...record, promised: ballot } };
}

/** Rule 5. */
export function accept(
  before: Record,
  ballot: Ballot,
  state: State,
  context: ReplicaContext,
): Changed | Unchanged | Nack | ClockSkew | Alarm {
  const record = atFloor(before, context.floor);
  if (record.state !== null && sameBallot(ballot, record.accepted)) {
    return sameState(record.state, state)
      ? { kind: 'unchanged' }
      : { kind: 'alarm', reason: 'one ballot came with two states' };
  }
  const refusal = refuseBallot(record, ballot, context);
  if (refusal !== null) return refusal;
  if (
    compareBallots(ballot, record.promised) < 0 ||
    compareBallots(ballot, record.accepted) < 0 ||
    isBelowFloor(record, ballot, context.floor)
  ) {
    return nack(record);
  }
  const maxOpTime = Math.max(record.maxOpTime, state.opTimeMax);
  return { kind: 'changed', record: { promised: ballot, accepted: ballot, state, maxOpTime } };
}

/** The largest ballot this record has promised or accepted. */
export function highest(record: Record): Ballot {
  return maxBallot(record.promised, record.accepted);
}

/**
 * Rule 1: a ballot too far ahead of this replica's clock. The bound is relative to what the record holds,
 * or a key once written by a fast clock could not be written until the others had caught up.
 */
function refuseBallot(record: Record, ballot: Ballot, context: ReplicaContext): ClockSkew | Alarm | null {
  if (!isWellFormed(ballot)) return { kind: 'alarm', reason: 'malformed ballot' };
  if (ballot.time <= highest(record).time + 1_000) return null;
  const clock = context.now;
  return ballot.time > clock + context.clockBound ? { kind: 'skew', clock } : null;
}

function isBelowFloor(record: Record, ballot: Ballot, floor: Ballot): boolean {
  return isNone(record.accepted) && compareBallots(ballot, floor) <= 0;
}

function nack({ promised, accepted }: Record): Nack {
  return { kind: 'nack', promised, accepted };
}
