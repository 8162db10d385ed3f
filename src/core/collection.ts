/**
 * Tombstone collection (PROTOCOL.md rule 17): a deletion is forgotten once all home replicas hold it and nothing of the
 * key is younger than the grace period; what is left of it is F, the floor below which nothing is accepted any more.
 */
import { BALLOT_SUB_MAX, isNone, maxBallot, sameBallot, type Ballot, type Micros } from './ballot.js';
import { highest, type Record } from './register.js';
import type { Inspection } from './repair-message.js';

export function inspect({ promised, accepted, state, maxOpTime }: Record): Inspection {
  return { promised, accepted, isTombstone: state?.hasValue === false, maxOpTime };
}

/** The ballot under which the records of these replicas may be removed; undefined: they may not. */
export function collectable(replicas: readonly Inspection[], count: number, before: Micros): Ballot | undefined {
  const [first] = replicas;
  if (first === undefined || replicas.length < count) return undefined;
  const agree = replicas.every((one) => sameBallot(one.accepted, first.accepted) && isRemovable(one, before));
  return agree ? first.accepted : undefined;
}

/** At a replica: F that takes the place of its record, or undefined where the record is not what was verified. */
export function collect(record: Record, accepted: Ballot, before: Micros): Ballot | undefined {
  if (!sameBallot(record.accepted, accepted) || !isRemovable(inspect(record), before)) return undefined;
  const top = highest(record);
  // F has to cover the times of operations too: D12.
  return record.maxOpTime > top.time ? { ...top, time: record.maxOpTime, sub: BALLOT_SUB_MAX } : top;
}

function isRemovable({ promised, accepted, isTombstone, maxOpTime }: Inspection, before: Micros): boolean {
  const top = maxBallot(promised, accepted);
  return (isTombstone || isNone(accepted)) && !isNone(top) && top.time < before && maxOpTime < before;
}
