/** One machine's disk: it outlives the processes, and loses at a crash what was not synced. */
import { NO_BALLOT, type Ballot, type Micros } from '../../src/core/ballot.js';
import type { Record } from '../../src/core/register.js';
import { floorNote, memoryFrom, MEMORY_NOTES_MAX } from '../../src/node/node-memory.js';
import type { Expiry, Note, NoteChange, NoteSpace, Store, StoreBatch } from '../../src/ports/store.js';
import { listRecords } from './list-records.js';
import { NoteShelf } from './note-shelf.js';
import type { Prng } from './prng.js';
import type { Host, Scheduler } from './scheduler.js';
import type { Observer } from './observer.js';

const FLOOR_NAME = floorNote(NO_BALLOT).name;

export interface DiskSpeed {
  /** Mean milliseconds of a synced write. */
  writeMs: number;
  readMs: number;
}

interface Write {
  readonly batch: StoreBatch;
  readonly host: Host;
}

export class SimDisk {
  readonly #synced = new Map<string, Record>();
  readonly #notes = new NoteShelf();
  /** Out of date ones too, until they are forgotten. */
  readonly #expiries = new Map<string, Expiry>();
  readonly hintsSoFar: Note[] = [];
  #writing: Write[] = [];
  #floor: Ballot = NO_BALLOT;
  /** Whether a batch that is being written at a crash is there afterwards; undefined: who knows. */
  keepsUnsynced: boolean | undefined;

  constructor(
    readonly node: string,
    private readonly scheduler: Scheduler,
    private readonly random: Prng,
    readonly speed: DiskSpeed,
    private readonly observer: Observer,
  ) {}

  /** F as it is on disk. */
  get floor(): Ballot {
    return this.#floor;
  }

  synced(key: string): Record | undefined {
    return this.#synced.get(key);
  }

  notes(space: NoteSpace, limit: number): readonly Note[] {
    return this.#notes.list(space, '', '', limit);
  }

  get keys(): Iterable<string> {
    return this.#synced.keys();
  }

  /** The process that was using it has died: a batch being written is there or not, as a whole. */
  crash(): void {
    for (const write of this.#writing) {
      if (!(this.keepsUnsynced ?? this.random.chance(0.5))) break;
      this.#sync(write);
    }
    this.#writing = [];
  }

  storeFor(host: Host): Store {
    const { scheduler, random, speed } = this;
    return {
      read: (keys, done) => {
        scheduler.after(random.around(speed.readMs), host, () => {
          done(
            null,
            keys.map((key) => this.#synced.get(key)),
          );
        });
      },
      write: (batch, done) => {
        const write = { batch, host };
        this.#writing.push(write);
        scheduler.after(random.around(speed.writeMs), host, () => {
          this.#writing = this.#writing.filter((other) => other !== write);
          this.#sync(write);
          done(null);
        });
      },
      list: (range, limit, done) => {
        scheduler.after(random.around(speed.readMs), host, () => {
          done(null, listRecords(this.#synced, range, limit));
        });
      },
      scan: (after, limit, done) => {
        const keys = [...this.#synced.keys()].filter((key) => key > after).sort();
        const entries = keys.slice(0, limit).map((key) => ({ key, record: this.#synced.get(key)! }));
        scheduler.after(random.around(speed.readMs), host, () => {
          done(null, { entries, more: keys.length > limit });
        });
      },
      notes: (space, prefix, after, limit, done) => {
        scheduler.after(random.around(speed.readMs), host, () => {
          done(null, this.#notes.list(space, prefix, after, limit));
        });
      },
      expiring: (after, until, limit, done) => {
        scheduler.after(random.around(speed.readMs), host, () => {
          done(null, this.#expiring(after, until).slice(0, limit));
        });
      },
      forgetExpiries: (expiries, done) => {
        scheduler.after(random.around(speed.writeMs), host, () => {
          for (const { key, expiresAt } of expiries) {
            if (this.#synced.get(key)?.state?.expiresAt !== expiresAt)
              this.#expiries.delete(expiryName(key, expiresAt));
          }
          done(null);
        });
      },
      close: () => Promise.resolve(),
    };
  }

  #expiring(after: Expiry | null, until: Micros): Expiry[] {
    const order = (a: Expiry, b: Expiry): number =>
      a.expiresAt - b.expiresAt || (a.key < b.key ? -1 : Number(a.key > b.key));
    return [...this.#expiries.values()]
      .filter((expiry) => expiry.expiresAt <= until && (after === null || order(after, expiry) < 0))
      .sort(order);
  }

  #sync({ batch }: Write): void {
    const before = this.#floor;
    this.#notes.change(batch.notes);
    for (const { space, name, bytes } of batch.notes)
      if (space === 'hint' && bytes !== null) this.hintsSoFar.push({ name, bytes });
    if (batch.notes.some(isFloor)) this.#floor = memoryFrom(this.notes('meta', MEMORY_NOTES_MAX), 'PC/EC').floor;
    for (const { key, record } of batch.records) {
      this.observer.synced(this.node, key, this.#synced.get(key), record, { before, after: this.#floor });
      if (record === null) {
        this.#synced.delete(key);
        continue;
      }
      this.#synced.set(key, record);
      const expiresAt = record.state?.expiresAt ?? 0;
      if (expiresAt > 0) this.#expiries.set(expiryName(key, expiresAt), { key, expiresAt });
    }
  }
}

function isFloor({ space, name }: NoteChange): boolean {
  return space === 'meta' && name === FLOOR_NAME;
}

function expiryName(key: string, expiresAt: Micros): string {
  return `${expiresAt} ${key}`;
}
