/**
 * Synced writes to a LevelDB folder, one batch at a time: what arrives while one is being written forms the
 * next one. After a failure no further write is taken: LevelDB would append it behind a torn record of its
 * log, and drop it, acknowledged, when the log is read again.
 */
import { writeFailure } from './store-failures.js';
import type { LevelDatabase } from './level-database.js';

export interface Put {
  readonly key: string;
  readonly value: Uint8Array;
}

/** `value` null: the key is removed. */
export type Change = Put | { readonly key: string; readonly value: null };

type Done = (error: Error | null) => void;

/** `sync` is false in level unless told. */
const DURABLE = { sync: true };

export class LevelWriter {
  readonly #database: LevelDatabase;
  readonly #folder: string;
  #changes: (readonly Change[])[] = [];
  #waiting: Done[] = [];
  #writing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(database: LevelDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  /** All of the changes or none, in order. Calls back once they are on disk, always later. */
  write(changes: readonly Change[], done: Done): void {
    this.#changes.push(changes);
    this.#waiting.push(done);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything handed over has been answered. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const changes = this.#changes;
      const waiting = this.#waiting;
      this.#changes = [];
      this.#waiting = [];
      const failure = await this.#writeBatch(changes);
      for (const done of waiting) done(failure);
    }
    this.#writing = undefined;
  }

  async #writeBatch(batches: readonly (readonly Change[])[]): Promise<Error | null> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      // Not the array form, which costs three times as much a record.
      const batch = this.#database.batch();
      for (const changes of batches) {
        for (const { key, value } of changes) {
          if (value === null) batch.del(key);
          else batch.put(key, value);
        }
      }
      await batch.write(DURABLE);
      return null;
    } catch (error) {
      this.#failure ??= writeFailure(this.#folder, error);
      return this.#failure;
    }
  }
}
