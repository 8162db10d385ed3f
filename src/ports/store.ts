import type { Micros } from '../core/ballot.js';
import type { KeyPage, KeyRange } from '../core/key-range.js';
import type { Record } from '../core/register.js';

export interface StoreEntry {
  readonly key: string;
  readonly record: Record;
}

/** What a record becomes; null: it is removed (PROTOCOL.md rule 17). */
export interface StoreChange {
  readonly key: string;
  readonly record: Record | null;
}

/**
 * What a node keeps besides its records, in name order within a space: `meta` its own facts, `hint` writes kept for
 * others, `conflict` the ledger, `place` where each key stands in its Merkle tree,
 * `tombstone` keys that were deleted.
 */
export const NOTE_SPACES = ['meta', 'hint', 'conflict', 'place', 'tombstone'] as const;
export type NoteSpace = (typeof NOTE_SPACES)[number];

export interface Note {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface NoteChange {
  readonly space: NoteSpace;
  readonly name: string;
  /** null: it is removed. */
  readonly bytes: Uint8Array | null;
}

export interface StoreBatch {
  readonly records: readonly StoreChange[];
  readonly notes: readonly NoteChange[];
}

export interface RecordPage {
  readonly entries: readonly StoreEntry[];
  readonly more: boolean;
}

/** Says that a record of this key was written whose value expires at this time. */
export interface Expiry {
  readonly key: string;
  readonly expiresAt: Micros;
}

/** Durable records of one node. Every implementation passes test/conformance/store.ts. */
export interface Store {
  /** One record for each key, in order; undefined where there is none. Sees every write that has called back. */
  read(keys: readonly string[], done: (error: Error | null, records: readonly (Record | undefined)[]) => void): void;
  /** All of the batch or nothing, synced to disk before it calls back (PROTOCOL.md rule 3). */
  write(batch: StoreBatch, done: (error: Error | null) => void): void;
  /** The keys of a range, in its order, that are found among the next `limit` records, mere promises counted too. */
  list(range: KeyRange, limit: number, done: (error: Error | null, page: KeyPage) => void): void;
  /** Every record, tombstones and mere promises too, in byte order of the keys, after `after` ('': from the beginning). */
  scan(after: string, limit: number, done: (error: Error | null, page: RecordPage) => void): void;
  /** Notes of one space whose names begin with `prefix`, in byte order, after `after`: one of them, or '' for all. */
  notes(
    space: NoteSpace,
    prefix: string,
    after: string,
    limit: number,
    done: (error: Error | null, notes: readonly Note[]) => void,
  ): void;
  /**
   * Values that expire at `until` or before, by time and then by key, after `after` (null: from the beginning). Each is
   * as durable as the record it was written with. One that is out of date, since the record has changed, may still be
   * among them; records written before stores kept expiries are not.
   */
  expiring(
    after: Expiry | null,
    until: Micros,
    limit: number,
    done: (error: Error | null, expiries: readonly Expiry[]) => void,
  ): void;
  /** Drops expiries that are out of date, in order with the writes: a later write brings them back. */
  forgetExpiries(expiries: readonly Expiry[], done: (error: Error | null) => void): void;
  close(): Promise<void>;
}
