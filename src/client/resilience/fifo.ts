/** First in, first out, and O(1) for whoever leaves from the middle. */

/** Something that queues; in at most one queue at a time. The fields belong to the queue. */
export class Queued {
  queue: unknown = null;
  ahead: Queued | null = null;
  behind: Queued | null = null;
}

export class Fifo<T extends Queued> {
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  get first(): T | null {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  has(entry: T): boolean {
    return entry.queue === this;
  }

  join(entry: T): void {
    entry.queue = this;
    entry.ahead = this.#last;
    if (this.#last === null) this.#first = entry;
    else this.#last.behind = entry;
    this.#last = entry;
    this.#size += 1;
  }

  /** Only for one that is in this queue. */
  leave(entry: T): void {
    if (entry.ahead === null) this.#first = entry.behind as T | null;
    else entry.ahead.behind = entry.behind;
    if (entry.behind === null) this.#last = entry.ahead as T | null;
    else entry.behind.ahead = entry.ahead;
    entry.queue = null;
    entry.ahead = null;
    entry.behind = null;
    this.#size -= 1;
  }
}
