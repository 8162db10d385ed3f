/**
 * Any step that is possible may be next, all equally likely, however long it "should" take: this reaches
 * interleavings that no delays would. Time moves on when nothing else is possible, and at random.
 */
import { EventHeap } from './event-heap.js';
import type { Prng } from './prng.js';
import type { Host, Scheduler, SimEvent } from './scheduler.js';

export class MicroStepScheduler implements Scheduler {
  nowMs = 0;
  readonly #waiting = new EventHeap();
  readonly #possible: SimEvent[] = [];
  #number = 0;

  /** `hurry`: how often time moves on although something else could happen. */
  constructor(
    private readonly random: Prng,
    private hurry: number,
  ) {}

  atTime(delayMs: number, at: Host | undefined, run: () => void): SimEvent {
    const event = this.#event(Math.max(0, delayMs), at, run);
    this.#waiting.push(event);
    return event;
  }

  after(_delayMs: number, at: Host | undefined, run: () => void): SimEvent {
    const event = this.#event(0, at, run);
    this.#possible.push(event);
    return event;
  }

  again(event: SimEvent): void {
    this.#possible.push(event);
  }

  calm(): void {
    this.hurry = 0;
  }

  next(): SimEvent | undefined {
    for (;;) {
      const moveOn = this.#possible.length === 0 || this.random.chance(this.hurry);
      if (moveOn && !this.#advance() && this.#possible.length === 0) return undefined;
      if (this.#possible.length === 0) continue;
      const event = this.#take(this.random.below(this.#possible.length));
      if (event.cancelled || event.at?.dead === true) continue;
      if (event.at?.paused !== true) return event;
      event.at.keep(event);
    }
  }

  #event(delayMs: number, at: Host | undefined, run: () => void): SimEvent {
    this.#number += 1;
    return { at, run, dueMs: this.nowMs + delayMs, number: this.#number, cancelled: false };
  }

  /** Moves on to the next timer, and to all that are due with it. */
  #advance(): boolean {
    let first = this.#waiting.pop();
    while (first !== undefined && (first.cancelled || first.at?.dead === true)) first = this.#waiting.pop();
    if (first === undefined) return false;
    this.nowMs = Math.max(this.nowMs, first.dueMs);
    this.#possible.push(first);
    while (this.#waiting.first !== undefined && this.#waiting.first.dueMs <= this.nowMs)
      this.#possible.push(this.#waiting.pop()!);
    return true;
  }

  #take(index: number): SimEvent {
    const event = this.#possible[index]!;
    const last = this.#possible.pop()!;
    if (index < this.#possible.length) this.#possible[index] = last;
    return event;
  }
}
