/**
 * Asks every node from time to time whether it is still there. A connection may look open long after the machine at its
 * other end froze or lost its network: nothing but silence tells.
 */
import { PIPE_BEAT_MS } from '../core/defaults.js';
import { AwakeClock } from '../core/awake-clock.js';
import type { Clock, Timer } from '../ports/clock.js';

export interface Beaten {
  /** `awakeMs`: milliseconds that this process was not stopped. */
  beat(awakeMs: number): void;
}

export class Heartbeat {
  readonly #clock: Clock;
  readonly #pipes: () => readonly Beaten[];
  /** This process's own pauses are no silence of the nodes. */
  readonly #awake = new AwakeClock(2 * PIPE_BEAT_MS);
  #timer: Timer | undefined;

  constructor(clock: Clock, pipes: () => readonly Beaten[]) {
    this.#clock = clock;
    this.#pipes = pipes;
  }

  start(): void {
    this.#timer = this.#clock.setTimer(PIPE_BEAT_MS, () => {
      // What has arrived meanwhile is read first.
      this.#clock.defer(this.#beat);
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #beat = (): void => {
    if (this.#timer === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    this.#awake.tick(nowMs);
    const awakeMs = this.#awake.at(nowMs);
    for (const pipe of [...this.#pipes()]) pipe.beat(awakeMs);
    this.start();
  };
}
