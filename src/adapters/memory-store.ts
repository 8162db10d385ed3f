/**
 * A store that forgets with its process, for tests and benchmarks. It keeps bytes and not objects, and
 * answers later and not at once, so that whoever works with it works with a disk.
 */
import type { Micros } from '../core/ballot.js';
import type { Record } from '../core/register.js';
import { isInRange, NO_KEYS, type KeyPage, type KeyRange } from '../core/key-range.js';
import type { Expiry, Note, NoteSpace, RecordPage, Store, StoreBatch } from '../ports/store.js';
import { KeyPageBuilder } from './key-page.js';
import { decodeRecord, encodeRecord } from './record-codec.js';
import { closedFailure } from './store-failures.js';

/** What a memory store keeps; survives the store, as a folder does. */
export class MemoryDisk {
  readonly records = new Map<string, Uint8Array>();
  readonly notes = new Map<NoteSpace, Map<string, Uint8Array>>();
}

export class MemoryStore implements Store {
  readonly #records: Map<string, Uint8Array>;
  readonly #notes: Map<NoteSpace, Map<string, Uint8Array>>;
  /** Keys in byte order; undefined after one was added. */
  #ordered: readonly string[] | undefined;
  #closed = false;

  /** Stores given the same `disk`, one after the other, are one store that was closed and opened again. */
  constructor(disk = new MemoryDisk()) {
    this.#records = disk.records;
    this.#notes = disk.notes;
  }

  read(keys: readonly string[], done: (error: Error | null, records: readonly (Record | undefined)[]) => void): void {
    const wanted = [...keys];
    this.#later(
      () =>
        wanted.map((key) => {
          const bytes = this.#records.get(key);
          return bytes === undefined ? undefined : decodeRecord(bytes);
        }),
      (error, records) => {
        done(error, records ?? []);
      },
    );
  }

  write({ records, notes }: StoreBatch, done: (error: Error | null) => void): void {
    const packed = attempt(() =>
      records.map(({ key, record }) => [key, record === null ? null : new Uint8Array(encodeRecord(record))] as const),
    );
    const copies = notes.map((note) => ({ ...note, bytes: note.bytes === null ? null : new Uint8Array(note.bytes) }));
    this.#later(() => {
      if (packed instanceof Error) throw packed;
      for (const [key, bytes] of packed) {
        if (this.#records.has(key) !== (bytes !== null)) this.#ordered = undefined;
        if (bytes === null) this.#records.delete(key);
        else this.#records.set(key, bytes);
      }
      for (const { space, name, bytes } of copies) this.#keep(space, name, bytes);
    }, done);
  }

  scan(after: string, limit: number, done: (error: Error | null, page: RecordPage) => void): void {
    this.#later(
      () => {
        const keys = this.#keysAfter(after).slice(0, limit + 1);
        const entries = keys
          .slice(0, limit)
          .map((key) => ({ key, record: decodeRecord(new Uint8Array(this.#records.get(key)!)) }));
        return { entries, more: keys.length > limit };
      },
      (error, page) => {
        done(error, page ?? { entries: [], more: false });
      },
    );
  }

  notes(
    space: NoteSpace,
    prefix: string,
    after: string,
    limit: number,
    done: (error: Error | null, notes: readonly Note[]) => void,
  ): void {
    this.#later(
      () =>
        Array.from(this.#notes.get(space) ?? [], ([name, bytes]): Note => ({ name, bytes: new Uint8Array(bytes) }))
          .filter(({ name }) => name.startsWith(prefix) && (after === '' || compareUtf8(name, after) > 0))
          .sort((a, b) => compareUtf8(a.name, b.name))
          .slice(0, limit),
      (error, notes) => {
        done(error, notes ?? []);
      },
    );
  }

  list(range: KeyRange, limit: number, done: (error: Error | null, page: KeyPage) => void): void {
    this.#later(
      () => {
        const found = this.#keysAfter('').filter((key) => isInRange(key, range));
        if (range.reverse) found.reverse();
        const page = new KeyPageBuilder();
        for (const key of found.slice(0, limit)) page.add(key, this.#records.get(key)!);
        return page.page(found.length > limit);
      },
      (error, page) => {
        done(error, page ?? NO_KEYS);
      },
    );
  }

  /** Found by looking at every record, so that none is ever out of date. */
  expiring(
    after: Expiry | null,
    until: Micros,
    limit: number,
    done: (error: Error | null, expiries: readonly Expiry[]) => void,
  ): void {
    this.#later(
      () =>
        [...this.#records]
          .map(([key, bytes]) => ({ key, expiresAt: decodeRecord(bytes).state?.expiresAt ?? 0 }))
          .filter(({ expiresAt }) => expiresAt > 0 && expiresAt <= until)
          .filter((expiry) => after === null || compareExpiries(expiry, after) > 0)
          .sort(compareExpiries)
          .slice(0, limit),
      (error, expiries) => {
        done(error, expiries ?? []);
      },
    );
  }

  forgetExpiries(_: readonly Expiry[], done: (error: Error | null) => void): void {
    this.#later(() => undefined, done);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#closed = true;
        resolve();
      });
    });
  }

  #keep(space: NoteSpace, name: string, bytes: Uint8Array | null): void {
    const notes = this.#notes.get(space) ?? new Map<string, Uint8Array>();
    this.#notes.set(space, notes);
    if (bytes === null) notes.delete(name);
    else notes.set(name, bytes);
  }

  #later<T>(work: () => T, done: (error: Error | null, result?: T) => void): void {
    const refused = this.#closed;
    setImmediate(() => {
      const result = refused ? closedFailure() : attempt(work);
      if (result instanceof Error) done(result);
      else done(null, result);
    });
  }

  #keysAfter(after: string): readonly string[] {
    this.#ordered ??= [...this.#records.keys()].sort(compareUtf8);
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(this.#ordered[middle]!, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.#ordered.slice(low);
  }
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function compareExpiries(a: Expiry, b: Expiry): number {
  return a.expiresAt - b.expiresAt || compareUtf8(a.key, b.key);
}

/** The order of the UTF-8 bytes of two texts, which is not that of their UTF-16 units. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
