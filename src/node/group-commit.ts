/**
 * Group commit: what changes while one synced batch is being written forms the next one. A record that
 * changed several times meanwhile is written once.
 */
import type { Clock } from '../ports/clock.js';
import { compareBallots, isNone, type Ballot } from '../core/ballot.js';
import type { Record } from '../core/register.js';
import type { NoteChange, Store } from '../ports/store.js';
import type { Entry } from './register-cache.js';

export interface GroupCommitOptions {
  readonly store: Store;
  /** F: a record that says no more than this is removed. */
  readonly floor: () => Ballot;
  readonly clock: Clock;
  /** The disk failed: nothing that is not durable may ever be answered, so the node has to end. */
  readonly onFatal: (error: Error) => void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  /** The commit being formed. */
  #number = 1;
  #entries = new Map<string, Entry>();
  #notes: NoteChange[] = [];
  #waiting: (() => void)[] = [];
  #writing = false;
  #armed = false;
  #failed = false;
  #idle: (() => void)[] = [];
  commits = 0;
  recordsCommitted = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** This entry has changed and has to become durable. */
  add(key: string, entry: Entry): void {
    entry.commit = this.#number;
    this.#entries.set(key, entry);
    this.#arm();
  }

  /** Written with the records of the commit being formed, all or nothing. */
  addNote(note: NoteChange): void {
    this.#notes.push(note);
    this.#arm();
  }

  /** Calls back once all that was added so far is durable. */
  whenWritten(run: () => void): void {
    if (this.#entries.size > 0 || this.#notes.length > 0) this.#waiting.push(run);
    else if (this.#writing) this.#written.push(run);
    else run();
  }

  /** Calls back once the entry as it is now is durable: at once if it is. Never, if the disk fails. */
  whenDurable(entry: Entry, run: () => void): void {
    if (entry.commit === 0) run();
    else if (entry.commit === this.#number) this.#waiting.push(run);
    else this.#written.push(run);
  }

  /** Calls back when nothing is left to write. */
  whenIdle(run: () => void): void {
    if (this.#entries.size === 0 && this.#notes.length === 0 && !this.#writing) run();
    else this.#idle.push(run);
  }

  /** Waiting for the commit that is being written now. */
  #written: (() => void)[] = [];

  #arm(): void {
    if (this.#armed || this.#writing) return;
    this.#armed = true;
    this.#options.clock.defer(() => {
      this.#armed = false;
      this.#write();
    });
  }

  #write(): void {
    if (this.#failed || this.#writing) return;
    const number = this.#number;
    const entries = this.#entries;
    this.#number += 1;
    const notes = this.#notes;
    this.#entries = new Map();
    this.#notes = [];
    this.#written = this.#waiting;
    this.#waiting = [];
    this.#writing = true;
    const floor = this.#options.floor();
    const records = Array.from(entries, ([key, { record }]) => ({
      key,
      record: saysNothing(record, floor) ? null : record,
    }));
    this.#options.store.write({ records, notes }, (error) => {
      if (error !== null) this.#fail(error);
      else this.#onWritten(number, entries);
    });
  }

  #onWritten(number: number, entries: Map<string, Entry>): void {
    this.commits += 1;
    this.recordsCommitted += entries.size;
    for (const entry of entries.values()) if (entry.commit === number) entry.commit = 0;
    this.#writing = false;
    const waiting = this.#written;
    this.#written = [];
    for (const run of waiting) run();
    if (this.#entries.size > 0 || this.#notes.length > 0) this.#arm();
    else for (const run of this.#idle.splice(0)) run();
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFatal(error);
  }
}

function saysNothing({ promised, accepted }: Record, floor: Ballot): boolean {
  return isNone(accepted) && compareBallots(promised, floor) <= 0;
}
