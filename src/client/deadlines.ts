/**
 * When each call stops waiting. A hashed wheel (Varghese and Lauck, 1987): hanging up and taking off are O(1) and
 * the whole client needs one timer, however many calls are under way.
 */
import type { Clock, Timer } from '../ports/clock.js';

/** How late an expiry may come. */
export const TICK_MS = 10;
/** One round of the wheel is longer than the usual deadline; what is further off stays for another round. */
const SLOTS = 1024;

/** Something that waits; on at most one wheel at a time. The fields belong to the wheel. */
export class Waiting {
  dueTick = 0;
  before: Waiting | null = null;
  after: Waiting | null = null;
}

export class Deadlines<T extends Waiting> {
  readonly #clock: Clock;
  readonly #expired: (entry: T) => void;
  /** Each slot is a ring of entries around a head that never expires. */
  readonly #slots = Array.from({ length: SLOTS }, emptyRing);
  /** Every entry due up to this tick has expired. */
  #tick = 0;
  #count = 0;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(clock: Clock, expired: (entry: T) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Calls `expired` with the entry at `atMs` of the monotonic clock or up to a tick later, unless it is taken off. */
  hang(entry: T, atMs: number): void {
    if (entry.before !== null) this.takeOff(entry);
    if (this.#count === 0) this.#tick = Math.floor(this.#clock.monotonicMs() / TICK_MS);
    entry.dueTick = Math.max(Math.ceil(atMs / TICK_MS), this.#tick + 1);
    link(entry, this.#slots[entry.dueTick % SLOTS]!);
    this.#count += 1;
    this.#arm();
  }

  takeOff(entry: T): void {
    if (entry.before === null) return;
    unlink(entry);
    this.#count -= 1;
  }

  /** For good: nothing expires any more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(): void {
    if (!this.#isStopped) this.#timer ??= this.#clock.setTimer(TICK_MS, this.#awake);
  }

  /** Answers that arrived while the process was busy are handled before anything is said to be late. */
  readonly #awake = (): void => {
    this.#clock.defer(this.#sweep);
  };

  readonly #sweep = (): void => {
    if (this.#timer === null) return;
    this.#timer = null;
    const target = Math.floor(this.#clock.monotonicMs() / TICK_MS);
    const late: T[] = [];
    for (let tick = Math.max(this.#tick + 1, target - SLOTS + 1); tick <= target; tick += 1) {
      this.#collect(this.#slots[tick % SLOTS]!, target, late);
    }
    this.#tick = Math.max(this.#tick, target);
    for (const entry of late) this.#expired(entry);
    if (this.#count > 0) this.#arm();
  };

  #collect(head: Waiting, target: number, late: T[]): void {
    for (let entry = head.after!; entry !== head;) {
      const next = entry.after!;
      if (entry.dueTick <= target) {
        this.takeOff(entry as T);
        late.push(entry as T);
      }
      entry = next;
    }
  }
}

function emptyRing(): Waiting {
  const head = new Waiting();
  head.before = head;
  head.after = head;
  return head;
}

function link(entry: Waiting, head: Waiting): void {
  const last = head.before!;
  entry.before = last;
  entry.after = head;
  last.after = entry;
  head.before = entry;
}

function unlink(entry: Waiting): void {
  entry.before!.after = entry.after;
  entry.after!.before = entry.before;
  entry.before = null;
  entry.after = null;
}
