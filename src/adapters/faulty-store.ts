import type { Micros } from '../core/ballot.js';
import type { KeyPage, KeyRange } from '../core/key-range.js';
import type { Record } from '../core/register.js';
import type { DiskFault } from '../ports/chaos.js';
import type { Clock } from '../ports/clock.js';
import type { Expiry, Note, NoteSpace, RecordPage, Store, StoreBatch } from '../ports/store.js';

const HEALTHY: DiskFault = { stalled: false, writeDelayMs: 0 };

interface Held {
  /** On the monotonic clock. */
  readonly dueMs: number;
  readonly hand: () => void;
}

/**
 * A store whose disk can be made slow, or stand still. Writes wait in memory, in order and unanswered, so that a
 * process which is killed meanwhile has lost them, as a machine does that loses its power before the sync. Reads see
 * what has been written, as ever.
 */
export class FaultyStore implements Store {
  readonly #real: Store;
  readonly #clock: Clock;
  #fault = HEALTHY;
  #held: Held[] = [];
  #waiting = false;

  constructor(real: Store, clock: Clock) {
    this.#real = real;
    this.#clock = clock;
  }

  get fault(): DiskFault {
    return this.#fault;
  }

  get heldWrites(): number {
    return this.#held.length;
  }

  set(fault: DiskFault): void {
    this.#fault = fault;
    this.#release();
  }

  write(batch: StoreBatch, done: (error: Error | null) => void): void {
    this.#hold(() => this.#real.write(batch, done));
  }

  forgetExpiries(expiries: readonly Expiry[], done: (error: Error | null) => void): void {
    this.#hold(() => this.#real.forgetExpiries(expiries, done));
  }

  read(keys: readonly string[], done: (error: Error | null, records: readonly (Record | undefined)[]) => void): void {
    this.#real.read(keys, done);
  }

  list(range: KeyRange, limit: number, done: (error: Error | null, page: KeyPage) => void): void {
    this.#real.list(range, limit, done);
  }

  scan(after: string, limit: number, done: (error: Error | null, page: RecordPage) => void): void {
    this.#real.scan(after, limit, done);
  }

  notes(
    space: NoteSpace,
    prefix: string,
    after: string,
    limit: number,
    done: (error: Error | null, notes: readonly Note[]) => void,
  ): void {
    this.#real.notes(space, prefix, after, limit, done);
  }

  expiring(
    after: Expiry | null,
    until: Micros,
    limit: number,
    done: (error: Error | null, expiries: readonly Expiry[]) => void,
  ): void {
    this.#real.expiring(after, until, limit, done);
  }

  /** A node that stops in order writes what it has accepted. */
  close(): Promise<void> {
    this.set(HEALTHY);
    return this.#real.close();
  }

  #hold(hand: () => void): void {
    const { stalled, writeDelayMs } = this.#fault;
    if (!stalled && writeDelayMs === 0 && this.#held.length === 0) hand();
    else {
      this.#held.push({ dueMs: this.#clock.monotonicMs() + writeDelayMs, hand });
      this.#release();
    }
  }

  /** Everything that is due, in order; where the fault is gone, everything. */
  #release(): void {
    const { stalled, writeDelayMs } = this.#fault;
    if (stalled) return;
    const nowMs = this.#clock.monotonicMs();
    while (this.#held.length > 0 && (writeDelayMs === 0 || this.#held[0]!.dueMs <= nowMs)) this.#held.shift()!.hand();
    const next = this.#held[0];
    if (next === undefined || this.#waiting) return;
    this.#waiting = true;
    this.#clock.setTimer(next.dueMs - nowMs, () => {
      this.#waiting = false;
      this.#release();
    });
  }
}
