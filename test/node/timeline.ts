import type { Clock, Timer } from '../../src/ports/clock.js';

const EPOCH_MICROS = 1_700_000_000_000_000;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time shared by everything in one test: nothing passes and nothing deferred runs unless the test says so. */
export class Timeline {
  nowMs = 1_000;
  #order = 0;
  #timers: Due[] = [];
  #deferred: (() => void)[] = [];

  /** A clock on this time whose physical reading is off by so much. */
  clock(skewMs = 0): VirtualClock {
    return new VirtualClock(this, skewMs);
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  setTimer(delayMs: number, run: () => void): Timer {
    this.#order += 1;
    const due = { atMs: this.nowMs + delayMs, order: this.#order, run };
    this.#timers.push(due);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== due);
      },
    };
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Ends one turn: what was deferred in it runs, what that defers waits for the next. */
  turn(): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const run of deferred) run();
  }

  /** Turns, until nothing is left to do at this moment. */
  settle(): void {
    while (this.#deferred.length > 0) this.turn();
  }

  /** Lets time pass, a timer at a time. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    this.settle();
    for (let due = this.#next(untilMs); due !== undefined; due = this.#next(untilMs)) {
      this.#timers.splice(this.#timers.indexOf(due), 1);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
      this.settle();
    }
    this.nowMs = untilMs;
  }

  #next(untilMs: number): Due | undefined {
    return this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  }
}

export class VirtualClock implements Clock {
  constructor(
    private readonly timeline: Timeline,
    public skewMs: number,
  ) {}

  physicalMicros(): number {
    return EPOCH_MICROS + Math.round((this.timeline.nowMs + this.skewMs) * 1_000);
  }

  monotonicMs(): number {
    return this.timeline.nowMs;
  }

  setTimer(delayMs: number, run: () => void): Timer {
    return this.timeline.setTimer(delayMs, run);
  }

  defer(run: () => void): void {
    this.timeline.defer(run);
  }
}
