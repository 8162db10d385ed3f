/** Durable records of one node, in LevelDB. */
import type { Micros } from '../core/ballot.js';
import { endOfPrefix, NO_KEYS, type KeyPage, type KeyRange } from '../core/key-range.js';
import type { Record } from '../core/register.js';
import {
  NOTE_SPACES,
  type Expiry,
  type Note,
  type NoteSpace,
  type RecordPage,
  type Store,
  type StoreBatch,
  type StoreEntry,
} from '../ports/store.js';
import { CodecError } from './codec-error.js';
import { expiriesFrom, expiryKey, parseExpiryKey } from './expiry-key.js';
import {
  EXPIRY_PREFIX,
  NOTE_PREFIX,
  openLevelDatabase,
  RECORD_PREFIX,
  RECORDS_END,
  type LevelDatabase,
  type LevelTuning,
} from './level-database.js';
import { KeyPageBuilder } from './key-page.js';
import { LevelReader } from './level-reader.js';
import { LevelWriter, type Change } from './level-writer.js';
import { decodeRecord, encodeRecord } from './record-codec.js';
import { closedFailure, readFailure } from './store-failures.js';

export interface LevelStoreOptions extends LevelTuning {
  /** Created if it is missing; holds nothing but the store. */
  readonly folder: string;
}

/** Throws {@link FulcrumError} when the folder is in use, cannot be written, is damaged, or of a later version. */
export async function openLevelStore(options: LevelStoreOptions): Promise<Store> {
  return new LevelStore(await openLevelDatabase(options.folder, options), options.folder);
}

/** Entries that one step of a listing looks at. */
const LIST_STEP = 512;
const LIST_STEP_BYTES = 256 * 1024;
/** A page of keys ends early where their values are large: LevelDB reads these along. */
const LIST_BYTES_MAX = 1024 * 1024;

const NO_RECORDS: RecordPage = { entries: [], more: false };

class LevelStore implements Store {
  readonly #database: LevelDatabase;
  readonly #folder: string;
  readonly #reader: LevelReader;
  readonly #writer: LevelWriter;
  #closing: Promise<void> | undefined;

  constructor(database: LevelDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
    this.#reader = new LevelReader(database);
    this.#writer = new LevelWriter(database, folder);
  }

  read(keys: readonly string[], done: (error: Error | null, records: readonly (Record | undefined)[]) => void): void {
    this.#readAll(keys).then(
      (records) => {
        done(null, records);
      },
      (error: unknown) => {
        done(this.#problem(error), []);
      },
    );
  }

  write(batch: StoreBatch, done: (error: Error | null) => void): void {
    this.#change(() => changesOf(batch), done);
  }

  list(range: KeyRange, limit: number, done: (error: Error | null, page: KeyPage) => void): void {
    this.#listKeys(range, limit).then(
      (page) => {
        done(null, page);
      },
      (error: unknown) => {
        done(this.#problem(error), NO_KEYS);
      },
    );
  }

  scan(after: string, limit: number, done: (error: Error | null, page: RecordPage) => void): void {
    this.#scan(after, limit).then(
      (page) => {
        done(null, page);
      },
      (error: unknown) => {
        done(this.#problem(error), NO_RECORDS);
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
    this.#listNotes(space, prefix, after, limit).then(
      (notes) => {
        done(null, notes);
      },
      (error: unknown) => {
        done(this.#problem(error), []);
      },
    );
  }

  expiring(
    after: Expiry | null,
    until: Micros,
    limit: number,
    done: (error: Error | null, expiries: readonly Expiry[]) => void,
  ): void {
    this.#listExpiries(after, until, limit).then(
      (expiries) => {
        done(null, expiries);
      },
      (error: unknown) => {
        done(this.#problem(error), []);
      },
    );
  }

  forgetExpiries(expiries: readonly Expiry[], done: (error: Error | null) => void): void {
    this.#change(() => expiries.map((expiry) => ({ key: expiryKey(expiry), value: null })), done);
  }

  /** Waits for the writes that were handed over; whatever comes later is refused. */
  close(): Promise<void> {
    this.#closing ??= this.#writer.idle().then(() => this.#database.close());
    return this.#closing;
  }

  #change(make: () => readonly Change[], done: (error: Error | null) => void): void {
    let changes: readonly Change[];
    try {
      if (this.#closing !== undefined) throw closedFailure();
      changes = make();
    } catch (error) {
      setImmediate(done, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#writer.write(changes, done);
  }

  async #listExpiries(after: Expiry | null, until: Micros, limit: number): Promise<Expiry[]> {
    if (this.#closing !== undefined) throw closedFailure();
    const gt = after === null ? EXPIRY_PREFIX : expiryKey(after);
    const keys = await this.#database.keys({ gt, lt: expiriesFrom(until + 1), limit }).all();
    return keys.map(parseExpiryKey);
  }

  async #readAll(keys: readonly string[]): Promise<(Record | undefined)[]> {
    if (this.#closing !== undefined) throw closedFailure();
    const values = await this.#reader.read(keys.map((key) => RECORD_PREFIX + key));
    return values.map((bytes, index) =>
      bytes === undefined ? undefined : decodeAt(keys[index]!, bytes, decodeRecord),
    );
  }

  async #listKeys({ from, to, reverse }: KeyRange, limit: number): Promise<KeyPage> {
    if (this.#closing !== undefined) throw closedFailure();
    const page = new KeyPageBuilder();
    const iterator = this.#database.iterator({
      gte: RECORD_PREFIX + from,
      lt: to === '' ? RECORDS_END : RECORD_PREFIX + to,
      reverse,
      highWaterMarkBytes: LIST_STEP_BYTES,
    });
    try {
      for (;;) {
        const entries = await iterator.nextv(Math.min(LIST_STEP, limit - page.looked + 1));
        if (entries.length === 0) return page.page(false);
        for (const [prefixed, bytes] of entries) {
          if (page.looked === limit || page.bytes > LIST_BYTES_MAX) return page.page(true);
          const key = prefixed.slice(RECORD_PREFIX.length);
          decodeAt(key, bytes, (record) => page.add(key, record));
        }
      }
    } finally {
      await iterator.close();
    }
  }

  async #scan(after: string, limit: number): Promise<RecordPage> {
    if (this.#closing !== undefined) throw closedFailure();
    const range = { gt: RECORD_PREFIX + after, lt: RECORDS_END, limit: limit + 1 };
    const found = await this.#database.iterator(range).all();
    const entries = found.slice(0, limit).map(([prefixed, bytes]): StoreEntry => {
      const key = prefixed.slice(RECORD_PREFIX.length);
      return { key, record: decodeAt(key, bytes, decodeRecord) };
    });
    return { entries, more: found.length > limit };
  }

  async #listNotes(space: NoteSpace, prefix: string, after: string, limit: number): Promise<Note[]> {
    if (this.#closing !== undefined) throw closedFailure();
    const first = noteKey(space, '');
    const from = after === '' ? { gte: noteKey(space, prefix) } : { gt: noteKey(space, after) };
    const found = await this.#database.iterator({ ...from, lt: endOfPrefix(noteKey(space, prefix)), limit }).all();
    return found.map(([name, bytes]): Note => ({ name: name.slice(first.length), bytes }));
  }

  #problem(error: unknown): Error {
    if (error instanceof CodecError) return error;
    return this.#closing === undefined ? readFailure(this.#folder, error) : closedFailure();
  }
}

const NOTHING = new Uint8Array(0);

/** The expiry of a record is written in the same batch, so that it is as durable as the record. */
function changesOf({ records, notes }: StoreBatch): Change[] {
  const changes: Change[] = [];
  for (const { key, record } of records) {
    changes.push({ key: RECORD_PREFIX + key, value: record === null ? null : encodeRecord(record) });
    const expiresAt = record?.state?.expiresAt ?? 0;
    if (expiresAt > 0) changes.push({ key: expiryKey({ key, expiresAt }), value: NOTHING });
  }
  for (const { space, name, bytes } of notes) changes.push({ key: noteKey(space, name), value: bytes });
  return changes;
}

function noteKey(space: NoteSpace, name: string): string {
  return `${NOTE_PREFIX}${NOTE_SPACES.indexOf(space)}${name}`;
}

function decodeAt<T>(key: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T {
  try {
    return decode(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError(`The record of key ${JSON.stringify(key)} on this node's disk is damaged: ${reason}.`, {
      cause,
    });
  }
}
