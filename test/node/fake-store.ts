import type { Record } from '../../src/core/register.js';
import type { KeyPage, KeyRange } from '../../src/core/key-range.js';
import type { Expiry, Note, NoteSpace, RecordPage, Store, StoreBatch, StoreChange } from '../../src/ports/store.js';
import { listRecords } from '../sim/list-records.js';
import { NoteShelf } from '../sim/note-shelf.js';
import type { Timeline } from './timeline.js';

/** What is "on disk" is in `records`. Reads and writes call back a turn later, or when a test lets them. */
export class FakeStore implements Store {
  readonly records = new Map<string, Record>();
  /** The batches that were written and read, in order. */
  readonly writes: StoreBatch[] = [];
  readonly shelf = new NoteShelf();
  readonly reads: (readonly string[])[] = [];
  readonly expiries: Expiry[] = [];
  holdReads = false;
  holdWrites = false;
  /** The next operation fails with this. */
  failure: Error | null = null;
  /** The expiries cannot be listed. */
  expiryFailure: Error | null = null;
  /** The notes cannot be read. */
  noteFailure: Error | null = null;
  #held: (() => void)[] = [];

  constructor(private readonly timeline: Timeline) {}

  read(keys: readonly string[], done: (error: Error | null, records: readonly (Record | undefined)[]) => void): void {
    this.reads.push(keys);
    this.#later(this.holdReads, () => {
      done(
        this.failure,
        keys.map((key) => this.records.get(key)),
      );
    });
  }

  write(batch: StoreBatch, done: (error: Error | null) => void): void {
    this.writes.push(batch);
    this.#later(this.holdWrites, () => {
      if (this.failure === null) for (const change of batch.records) this.#put(change);
      if (this.failure === null) this.shelf.change(batch.notes);
      done(this.failure);
    });
  }

  list(range: KeyRange, limit: number, done: (error: Error | null, page: KeyPage) => void): void {
    this.#later(false, () => done(this.failure, listRecords(this.records, range, limit)));
  }

  scan(after: string, limit: number, done: (error: Error | null, page: RecordPage) => void): void {
    this.#later(false, () => {
      const keys = [...this.records.keys()].filter((key) => key > after).sort();
      const entries = keys.slice(0, limit).map((key) => ({ key, record: this.records.get(key)! }));
      done(this.failure, { entries, more: keys.length > limit });
    });
  }

  notes(
    space: NoteSpace,
    prefix: string,
    after: string,
    limit: number,
    done: (error: Error | null, notes: readonly Note[]) => void,
  ): void {
    this.#later(false, () => {
      const failure = this.failure ?? this.noteFailure;
      done(failure, failure === null ? this.shelf.list(space, prefix, after, limit) : []);
    });
  }

  expiring(
    after: Expiry | null,
    until: number,
    limit: number,
    done: (error: Error | null, expiries: readonly Expiry[]) => void,
  ): void {
    this.#later(false, () => {
      const from = after === null ? 0 : this.expiries.findIndex((one) => sameExpiry(one, after)) + 1;
      const due = this.expiries.slice(from).filter(({ expiresAt }) => expiresAt <= until);
      done(this.expiryFailure, this.expiryFailure === null ? due.slice(0, limit) : []);
    });
  }

  forgetExpiries(forgotten: readonly Expiry[], done: (error: Error | null) => void): void {
    this.#later(false, () => {
      const kept = this.expiries.filter((one) => !forgotten.some((other) => sameExpiry(one, other)));
      this.expiries.splice(0, Infinity, ...kept);
      done(this.failure);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** What was held back so far goes on, a turn later. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.timeline.defer(run);
  }

  #put({ key, record }: StoreChange): void {
    if (record === null) {
      this.records.delete(key);
      return;
    }
    this.records.set(key, record);
    const expiry = { key, expiresAt: record.state?.expiresAt ?? 0 };
    if (expiry.expiresAt === 0 || this.expiries.some((one) => sameExpiry(one, expiry))) return;
    this.expiries.push(expiry);
    this.expiries.sort((a, b) => a.expiresAt - b.expiresAt || (a.key < b.key ? -1 : 1));
  }

  #later(hold: boolean, run: () => void): void {
    if (hold) this.#held.push(run);
    else this.timeline.defer(run);
  }
}

function sameExpiry(a: Expiry, b: Expiry): boolean {
  return a.key === b.key && a.expiresAt === b.expiresAt;
}
