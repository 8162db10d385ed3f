/** Calls that wait in order until fewer are under way. */
import type { Call } from './call.js';

/** Places that were left are given back to memory once there are this many and they are the greater part. */
const EMPTY_PLACES_MAX = 1024;

export class WaitingLine {
  readonly #limit: number;
  #calls: (Call | undefined)[] = [];
  #head = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  get size(): number {
    return this.#calls.length - this.#head;
  }

  /** Who is next; those whose time was up while they waited have left. */
  get first(): Call | undefined {
    while (this.#head < this.#calls.length && this.#calls[this.#head]!.phase === 'settled') this.leave();
    return this.#calls[this.#head];
  }

  /** False: the line is full. */
  join(call: Call): boolean {
    const waiting = this.isEmpty ? 0 : this.size;
    if (waiting >= this.#limit) return false;
    call.phase = 'inLine';
    this.#calls.push(call);
    return true;
  }

  /** The first one leaves. */
  leave(): void {
    this.#calls[this.#head] = undefined;
    this.#head += 1;
    const isMostlyEmpty = this.#head > EMPTY_PLACES_MAX && this.#head > this.#calls.length / 2;
    if (!isMostlyEmpty && this.#head < this.#calls.length) return;
    this.#calls = this.#calls.slice(this.#head);
    this.#head = 0;
  }
}
