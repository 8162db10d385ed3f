import type { Clock, Timer } from '../../src/ports/clock.js';

interface Pending {
  readonly atMs: number;
  readonly run: () => void;
}

/** Virtual time: nothing passes unless a test says so. */
export class FakeClock implements Clock {
  nowMs = 1_000;
  #timers: Pending[] = [];
  #deferred: (() => void)[] = [];
  readonly #thrown: Error[] = [];

  physicalMicros(): number {
    return 1_700_000_000_000_000 + this.nowMs * 1_000;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  setTimer(delayMs: number, run: () => void): Timer {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Ends the turn of the event loop, and those that follow from it, until nothing is left to do now. */
  async turn(): Promise<void> {
    await settlePromises();
    while (this.#deferred.length > 0) {
      const deferred = this.#deferred;
      this.#deferred = [];
      for (const run of deferred) this.#attempt(run);
      await settlePromises();
    }
    const [thrown] = this.#thrown.splice(0);
    if (thrown !== undefined) throw thrown;
  }

  /** What one throws keeps no other from running. */
  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#thrown.push(error as Error);
    }
  }

  /** Lets time pass, a timer at a time. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await this.turn();
    for (let timer = this.#nextTimer(untilMs); timer !== undefined; timer = this.#nextTimer(untilMs)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      this.nowMs = Math.max(this.nowMs, timer.atMs);
      timer.run();
      await this.turn();
    }
    this.nowMs = untilMs;
    await this.turn();
  }

  #nextTimer(untilMs: number): Pending | undefined {
    return this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

/** Promises that are settled get to run what waits for them, through as many steps as the code under test has. */
async function settlePromises(): Promise<void> {
  for (let step = 0; step < 20; step += 1) await Promise.resolve();
}
