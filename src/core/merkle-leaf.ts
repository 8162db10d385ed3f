/** Compares the keys of one leaf of two replicas, and says who has to send what (PROTOCOL.md rule 16). */
import { compareBallots, isNone, NO_BALLOT, type Ballot, type Micros } from './ballot.js';

export interface KeyBallot {
  readonly key: string;
  readonly accepted: Ballot;
}

export interface LeafDifference {
  /** Ours is above theirs: send accept(ours). */
  readonly push: readonly KeyBallot[];
  /** Theirs is above ours: read their record and accept it here. */
  readonly pull: readonly KeyBallot[];
  /** Keys that differ but are left to the writes on their way. */
  readonly young: number;
}

/**
 * `youngFrom`: a ballot at or above this time is taken to be still on its way. Only a key for which we hold nothing
 * older is left out: whatever we hold below `youngFrom` is then known at the other replica, or replaced here, once
 * all pushes and pulls are done, and that is what the conflict ledger relies on (`settledUntil` in conflicts).
 */
export function compareLeaf(
  ours: readonly KeyBallot[],
  theirs: readonly KeyBallot[],
  youngFrom: Micros,
): LeafDifference {
  const push: KeyBallot[] = [];
  const pull: KeyBallot[] = [];
  let young = 0;
  const other = new Map(theirs.map(({ key, accepted }) => [key, accepted]));
  const note = (key: string, mine: Ballot, their: Ballot): void => {
    const order = compareBallots(mine, their);
    if (order === 0) return;
    const mineIsOld = !isNone(mine) && mine.time < youngFrom;
    if (!mineIsOld && Math.max(mine.time, their.time) >= youngFrom) young += 1;
    else if (order > 0) push.push({ key, accepted: mine });
    else pull.push({ key, accepted: their });
  };
  for (const { key, accepted } of ours) {
    note(key, accepted, other.get(key) ?? NO_BALLOT);
    other.delete(key);
  }
  for (const [key, accepted] of other) note(key, NO_BALLOT, accepted);
  return { push, pull, young };
}
