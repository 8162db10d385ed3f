/** The entries of the conflict ledger: what is kept of a write that was discarded, for how long, and once only. */
import type { Ballot, Micros } from './ballot.js';
import type { Held } from './conflicts.js';
import { CONFLICT_LIFETIME_MS, CONFLICT_VALUE_BYTES_MAX } from './defaults.js';
import type { ValueEncoding } from './state.js';
import { formatVersion, type Version } from './version.js';

/** One of the two writes of a conflict. */
export interface ConflictSide {
  readonly version: Version;
  readonly ballot: Ballot;
  readonly encoding: ValueEncoding;
  /** Its first bytes, or all of it; null: a delete. */
  readonly value: Uint8Array | null;
  /** Of the whole value. */
  readonly valueBytes: number;
}

export interface Conflict {
  readonly key: string;
  readonly discarded: ConflictSide;
  readonly winner: ConflictSide;
  /** False: the winner may have been made knowing it (see conflicts). */
  readonly certain: boolean;
  /** The nodes that held the discarded write: its side. */
  readonly heldBy: readonly string[];
  /** The clock of the node that saw it first. */
  readonly seenAt: Micros;
}

export interface Sighting {
  readonly key: string;
  readonly loser: Held;
  readonly winner: Held;
  readonly certain: boolean;
  readonly node: string;
  readonly now: Micros;
}

export function conflictOf({ key, loser, winner, certain, node, now }: Sighting): Conflict {
  return { key, discarded: sideOf(loser), winner: sideOf(winner), certain, heldBy: [node], seenAt: now };
}

/** A discarded write has one entry, whoever saw it and however often. The names of one key begin with it. */
export function conflictName(key: string, discarded: Version): string {
  return `${key}\n${formatVersion(discarded)}`;
}

/** Two entries of one name as one: the first sighting, every holder, and the surer judgement. */
export function mergeConflicts(a: Conflict, b: Conflict): Conflict {
  const [first, second] = a.seenAt <= b.seenAt ? [a, b] : [b, a];
  const surer = second.certain && !first.certain ? second : first;
  return {
    ...first,
    winner: surer.winner,
    certain: surer.certain,
    heldBy: [...new Set([...first.heldBy, ...second.heldBy])].sort(),
  };
}

export function isOutdated(conflict: Conflict, now: Micros): boolean {
  return conflict.seenAt + CONFLICT_LIFETIME_MS * 1_000 <= now;
}

function sideOf({ ballot, state: { version, encoding, value } }: Held): ConflictSide {
  const kept = value === null ? null : value.slice(0, CONFLICT_VALUE_BYTES_MAX);
  return { version, ballot, encoding, value: kept, valueBytes: value?.length ?? 0 };
}
