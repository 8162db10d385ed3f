/**
 * Reads of a LevelDB folder. What is in memory is read at once: getSync takes 4 microseconds a key where a
 * trip to the thread pool takes 30 for the first and as much CPU for every one. What is not would stop the
 * event loop for as long as the disk takes, so a call that has used up its budget goes on in the pool, and
 * while the disk is that slow its successors start there.
 */
import type { LevelDatabase } from './level-database.js';

/** What one call may take of the event loop, which also tells memory from disk. */
const SYNC_BUDGET_MS = 2;
const SYNC_KEYS_MAX = 128;
/** Calls that go to the pool from the start after one that used up its budget. */
const CALLS_IN_POOL = 64;

type Values = (Uint8Array | undefined)[];

export class LevelReader {
  readonly #database: LevelDatabase;
  readonly #monotonicMs: () => number;
  #callsInPool = 0;

  constructor(database: LevelDatabase, monotonicMs = () => performance.now()) {
    this.#database = database;
    this.#monotonicMs = monotonicMs;
  }

  /** The values under these keys, in order. Rejects as LevelDB does. */
  async read(keys: readonly string[]): Promise<Values> {
    const values = this.#callsInPool > 0 ? [] : this.#readSync(keys);
    if (this.#callsInPool > 0) this.#callsInPool -= 1;
    if (values.length === keys.length) return values;
    return values.concat(await this.#database.getMany(keys.slice(values.length)));
  }

  /** As many as the budget allows. */
  #readSync(keys: readonly string[]): Values {
    const values: Values = [];
    const deadline = this.#monotonicMs() + SYNC_BUDGET_MS;
    for (const key of keys.slice(0, SYNC_KEYS_MAX)) {
      values.push(this.#database.getSync(key));
      if (this.#monotonicMs() <= deadline) continue;
      this.#callsInPool = CALLS_IN_POOL;
      break;
    }
    return values;
  }
}
