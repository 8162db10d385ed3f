/**
 * What a session has seen of one key, and whether a replica's record shows no less: read-your-writes and monotonic
 * reads (Terry et al., "Session guarantees for weakly consistent replicated data", 1994).
 *
 * Judged by the order of ACCEPTS, never by the order of versions: a latency write that had to be prepared has a version
 * from before the ballot it was accepted under. A higher ballot alone is not enough either: an identity round may have
 * accepted an OLDER version again above one that a majority never held, which is then gone. So a record that is above
 * the floor must also show that it came after it: its version is the one that was seen, or was created above what was
 * seen, or its window names what was seen. Where none of these holds, what the session saw was discarded, or the window
 * has forgotten it; the record is then taken to be behind, which may have the session wait in vain but never see less.
 */
import { compareBallots, isNone, type Ballot } from './ballot.js';
import type { Record } from './register.js';
import { NO_VERSION, sameVersion, type Version } from './version.js';

export interface Floor {
  /** Under which what was seen had been accepted. */
  readonly accepted: Ballot;
  /** What was seen; NO_VERSION where the answer named none. */
  readonly version: Version;
}

/** Whether a reader of this record sees no less than the session did. */
export function reaches({ accepted, state }: Pick<Record, 'accepted' | 'state'>, floor: Floor): boolean {
  if (state === null || isNone(accepted)) return false;
  const order = compareBallots(accepted, floor.accepted);
  if (order <= 0) return order === 0;
  const { version } = floor;
  if (sameVersion(version, NO_VERSION) || sameVersion(state.version, version)) return true;
  return isCreatedAbove(state.version, floor.accepted) || state.window.names(version);
}

/**
 * Whether what was created under this version is certainly later than what was accepted under this ballot: two processes
 * may mint in the same microsecond, and a version does not tell which node it is from.
 */
export function isCreatedAbove(version: Version, ballot: Ballot): boolean {
  if (version.time !== ballot.time) return version.time > ballot.time;
  return version.incarnation === ballot.incarnation && version.sub > ballot.sub;
}
