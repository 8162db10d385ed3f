/**
 * What the callers know of their own writes: by it a read is found to be stale. Each key has at most one write under
 * way, so that the numbers written into the values are the order of the writes.
 */
import type { Lag } from './level-stats.js';

/** Acknowledged writes of a key whose time is remembered. */
const REMEMBERED_MAX = 64;

interface Acknowledged {
  readonly number: number;
  readonly atMs: number;
}

interface Page {
  lastNumber: number;
  isBeingWritten: boolean;
  /** Rising; the last is the newest. */
  readonly acknowledged: Acknowledged[];
}

export class KeyBook {
  readonly #pages = new Map<string, Page>();

  /** The number of a new write; undefined where one of this key is under way. */
  beginWrite(key: string): number | undefined {
    const page = this.#page(key);
    if (page.isBeingWritten) return undefined;
    page.isBeingWritten = true;
    page.lastNumber += 1;
    return page.lastNumber;
  }

  /** `isAcknowledged`: false where it failed or nobody knows. */
  endWrite(key: string, number: number, isAcknowledged: boolean, nowMs: number): void {
    const page = this.#page(key);
    page.isBeingWritten = false;
    if (!isAcknowledged) return;
    page.acknowledged.push({ number, atMs: nowMs });
    if (page.acknowledged.length > REMEMBERED_MAX) page.acknowledged.shift();
  }

  /** The newest write acknowledged so far: what a read that begins now must show at least. 0: none. */
  newest(key: string): number {
    return this.#pages.get(key)?.acknowledged.at(-1)?.number ?? 0;
  }

  /** How far behind a read was that began when `newest` had been acknowledged; undefined where it was fresh. */
  lagOf(key: string, shown: number, newest: number, beganMs: number): Lag | undefined {
    if (shown >= newest) return undefined;
    const missed = this.#page(key).acknowledged.filter(({ number }) => number > shown && number <= newest);
    const first = missed[0];
    return { versions: missed.length, ms: first === undefined ? 0 : Math.max(0, beganMs - first.atMs) };
  }

  #page(key: string): Page {
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = { lastNumber: 0, isBeingWritten: false, acknowledged: [] };
      this.#pages.set(key, page);
    }
    return page;
  }
}
