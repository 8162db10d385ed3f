/** Everything happens when it is due: delays decide the order, as they do in a real cluster. */
import { EventHeap } from './event-heap.js';
import type { Host, Scheduler, SimEvent } from './scheduler.js';

export class TimingScheduler implements Scheduler {
  nowMs = 0;
  readonly #heap = new EventHeap();
  #number = 0;

  atTime(delayMs: number, at: Host | undefined, run: () => void): SimEvent {
    this.#number += 1;
    const event = { at, run, dueMs: this.nowMs + Math.max(0, delayMs), number: this.#number, cancelled: false };
    this.#heap.push(event);
    return event;
  }

  after(delayMs: number, at: Host | undefined, run: () => void): SimEvent {
    return this.atTime(delayMs, at, run);
  }

  again(event: SimEvent): void {
    event.dueMs = this.nowMs;
    this.#heap.push(event);
  }

  calm(): void {
    // Time never does anything else here.
  }

  next(): SimEvent | undefined {
    for (let event = this.#heap.pop(); event !== undefined; event = this.#heap.pop()) {
      if (event.cancelled || event.at?.dead === true) continue;
      this.nowMs = Math.max(this.nowMs, event.dueMs);
      if (event.at?.paused !== true) return event;
      event.at.keep(event);
    }
    return undefined;
  }
}
