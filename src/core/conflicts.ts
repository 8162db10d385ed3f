/**
 * The rules of the conflict ledger: what became of the write that a replica holds when a state under a higher ballot
 * takes its place.
 *
 * A write is superseded in order when the state that takes its place was made knowing it: by an operation applied to
 * it, or by a latency write whose coordinator held it. It is discarded when that state was made without it, as the two
 * sides of a partition do. A replica judges each write it held by what the two states say and by what it knows itself:
 *
 * - A consensus lineage remembers its operations: one with opTime above `windowFloor` that is not in the window was
 *   never applied in it (rules 7 and 14). At or below the floor it may have been, and was forgotten.
 * - A blind state (rule 11) remembers only itself, because it is a pure function of its operation: of the state before
 *   it, nothing can be told from it. The accept may say what its coordinator held (`base`).
 * - A write made by consensus was acknowledged only if its ballot was chosen. Whatever is prepared above a chosen ballot
 *   descends from it, unless a blind state came between, and adopting a blind state raises the floor to its time. It was
 *   chosen under the ballot that made it or a later one (an identity round moves it up). So with a floor below the
 *   former there was no blind state, and nothing that was acknowledged is missing. One whose ballot was not chosen may
 *   still have been the only one to know a latency write, which its window then names; so it is with an attempt of an
 *   operation of which another attempt lasts.
 * - The ballots of one owner's chain (same process and time, rising `sub`) build on each other (rule 6).
 * - What every other home replica is known to have held (`settledUntil`) was known to whoever wrote later.
 *
 * Never missed: wherever none of these proves that the winner knows the write, it is listed. Two things are taken for
 * no loss although they might be one: a live latency write minted within CONCURRENT_WITHIN_MS of the other, which clocks
 * cannot order; and nothing else. False positives: `possible` says that the winner may have known the write (it was
 * forgotten, or nothing told). `certain` says that the winner did not; a replica cannot tell whether the caller was
 * told ok, so a write whose answer was OUTCOME_UNKNOWN is listed like one that was acknowledged, and so is one that a
 * later write of its own side, unknown here, had superseded.
 */
import { sameBallot, sameProcess, type Ballot, type Micros } from './ballot.js';
import { CONCURRENT_WITHIN_MS } from './defaults.js';
import type { WindowEntry } from './op-window.js';
import type { State } from './state.js';
import { NO_VERSION, sameVersion, type Version } from './version.js';

/** What a replica holds, or is sent. */
export interface Held {
  readonly ballot: Ballot;
  readonly state: State;
}

export interface Evidence {
  /** A ballot at or below this time, if held here, was held by every other home replica too, or replaced (SettledMarks). */
  readonly settledUntil: Micros;
  /** What the winner's coordinator held when it took it; NO_BALLOT: nothing; null: not known, as with repair. */
  readonly base: Ballot | null;
  /** The accept came from the coordinator of the operation, not from repair or a hint. */
  readonly isLive: boolean;
}

/** `superseded`: nothing to list. */
export type Fate = 'superseded' | 'certain' | 'possible';

/**
 * For every accepted state that is replaced by one under a higher ballot; also for a live latency write that arrives
 * below what is here already (as the loser, with `settledUntil` 0 and `base` null).
 */
export function fateOf(loser: Held, winner: Held, evidence: Evidence): Fate {
  if (sameVersion(loser.state.version, NO_VERSION)) return 'superseded';
  // The windows are looked into last: nearly every write is told by its ballots, and unpacking windows is dear.
  if (isSuccessor(loser.ballot, winner.ballot) || loser.ballot.time <= evidence.settledUntil) return 'superseded';
  if (evidence.base !== null && sameBallot(evidence.base, loser.ballot)) return 'superseded';
  const written = entryOf(loser.state);
  if (knows(winner.state, loser.state)) return 'superseded';
  // Another attempt of it: that may have been made without what this one stands on.
  if (written !== undefined && remembers(winner.state, written) && !standsOnLost(loser.state, winner.state))
    return 'superseded';
  return winner.state.blind
    ? fateUnderBlind(loser, winner, written, evidence)
    : fateUnderLineage(loser, winner.state, written);
}

function fateUnderBlind(loser: Held, winner: Held, written: WindowEntry | undefined, { base, isLive }: Evidence): Fate {
  // When it was minted, not under which ballot it is held: an identity round makes no write younger.
  const minted = Math.max(loser.state.version.time, written?.opTime ?? 0);
  if (isLive && Math.abs(winner.ballot.time - minted) <= CONCURRENT_WITHIN_MS * 1_000) return 'superseded';
  return base !== null && isBefore(base, loser.state.version) ? 'certain' : 'possible';
}

/**
 * What a replica holds under a ballot descends from lower ballots only. The ballot that made the version counts, not
 * the one it is held under: an identity round moves a write to a higher ballot, and who held it before still knew it.
 */
function isBefore(base: Ballot, version: Version): boolean {
  if (base.time !== version.time) return base.time < version.time;
  return base.incarnation === version.incarnation && base.sub < version.sub;
}

function fateUnderLineage(loser: Held, winner: State, written: WindowEntry | undefined): Fate {
  if (!isAcknowledgedAlone(loser.state, written))
    return winner.windowFloor < loser.state.version.time && !standsOnLost(loser.state, winner)
      ? 'superseded'
      : 'possible';
  return written !== undefined && written.opTime > winner.windowFloor ? 'certain' : 'possible';
}

/** Whether it was applied to a latency write, as far back as its window tells, that the winner may not know. */
function standsOnLost({ window }: State, winner: State): boolean {
  return window.entries().some((entry) => entry.applied && isOwnVersion(entry) && !remembers(winner, entry));
}

/** What the state's window says of the operation that wrote its value; undefined: it was forgotten. */
function entryOf(state: State): WindowEntry | undefined {
  return state.window.entries().findLast(({ applied, version }) => applied && sameVersion(version, state.version));
}

/** Its value is in this state or was before it. */
function knows(winner: State, { version }: State): boolean {
  return sameVersion(winner.version, version) || winner.window.names(version);
}

/** Its window has this version, or this operation in another attempt. */
function remembers({ window }: State, { version, opTime, opIncarnation }: WindowEntry): boolean {
  return window.names(version) || window.find({ time: opTime, incarnation: opIncarnation }) !== undefined;
}

function isSuccessor(before: Ballot, after: Ballot): boolean {
  return before.time === after.time && sameProcess(before, after) && before.sub < after.sub;
}

/** Whether its caller may have been told ok although no ballot of it was chosen: latency writes have their own version. */
function isAcknowledgedAlone(state: State, written: WindowEntry | undefined): boolean {
  if (state.blind || state.weak || written === undefined) return true;
  return isOwnVersion(written);
}

/** Written under the operation's own ballot, as latency writes are. */
function isOwnVersion({ version, opTime, opIncarnation }: WindowEntry): boolean {
  return version.time === opTime && version.incarnation === opIncarnation;
}
