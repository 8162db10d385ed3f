/**
 * Whether an answer to a read is stale: it misses a write that had been acknowledged before the read began. Writes
 * are ordered by the ballots that created them, as everywhere (PROTOCOL.md).
 */
import type { AcknowledgedWrite } from './acknowledged-writes.js';
import type { Ballot, Micros } from './ballot.js';
import { ATTEMPT_TIMEOUT_MS } from './defaults.js';
import { majority } from './level.js';
import { sameVersion, type Version } from './version.js';

/** A ballot as far as a version tells it: the incarnation stands for the node. */
export type Place = Pick<Ballot, 'time' | 'incarnation' | 'sub'>;

/** What an answer to a read holds. */
export interface HeldVersion {
  /** The ballot under which it was accepted; where only the answer is known, the one that created it. */
  readonly accepted: Place;
  readonly version: Version;
  /** Descends from a latency write, whose ballot says when it was made. */
  readonly weak: boolean;
  /** The key has no value there: it was deleted, has expired, or was never written. */
  readonly isAbsent: boolean;
}

/** What is known of a key besides one answer. */
export interface Known {
  /** Home replicas of the key. */
  readonly replicas: number;
  /** When the read began. */
  readonly begunAt: Micros;
  /** Of all coordinators that could be asked. */
  readonly acknowledged: readonly AcknowledgedWrite[];
  /** Of all home replicas that answered. */
  readonly held: readonly HeldVersion[];
}

export interface Staleness {
  /** Acknowledged writes that the answer misses, at least: only the last few of each key are remembered. */
  readonly versions: number;
  /** Since the first of those was acknowledged; 0 where that is not known. */
  readonly ms: number;
}

/** A write that nobody remembers to have acknowledged was answered one way or the other by then. */
const IN_FLIGHT_MICROS = ATTEMPT_TIMEOUT_MS * 1_000;

/** undefined: fresh. */
export function stalenessOf(answer: HeldVersion, known: Known): Staleness | undefined {
  const { begunAt, acknowledged, held } = known;
  const newest = newestOf([answer, ...held]);
  // The same value under a later ballot, or nothing in both.
  if (sameVersion(newest.version, answer.version) || (newest.isAbsent && answer.isAbsent)) return undefined;
  const missed = acknowledged.filter(({ version, at }) => at <= begunAt && isBelow(answer.accepted, version));
  if (missed.length > 0)
    return {
      versions: missed.length,
      ms: msSince(
        missed.map(({ at }) => at),
        begunAt,
      ),
    };
  const later = held.filter(
    (one) => isBelow(answer.accepted, one.accepted) && !sameVersion(one.version, answer.version),
  );
  const isChosen = later.length >= majority(known.replicas);
  const settled = later.filter(({ weak, version }) => isChosen || (weak && version.time <= begunAt - IN_FLIGHT_MICROS));
  if (settled.length === 0) return undefined;
  return {
    versions: 1,
    ms: msSince(
      settled.filter(({ weak }) => weak).map(({ version }) => version.time),
      begunAt,
    ),
  };
}

export function newestOf<H extends HeldVersion>(held: readonly H[]): H {
  return held.reduce((best, one) => (isBelow(best.accepted, one.accepted) ? one : best));
}

/** Two processes that mint in the same microsecond are left unordered: nothing is called stale for that. */
export function isBelow(a: Place, b: Place): boolean {
  if (a.time !== b.time) return a.time < b.time;
  return a.incarnation === b.incarnation && a.sub < b.sub;
}

function msSince(times: readonly Micros[], now: Micros): number {
  return times.length === 0 ? 0 : Math.max(0, now - Math.min(...times)) / 1_000;
}
