/** How a client waits, when it connects, until its nodes are there. */
import { CONNECT_TIMEOUT_MS } from '../core/defaults.js';
import { FulcrumError } from '../core/errors.js';
import type { Clock, Timer } from '../ports/clock.js';
import { describeProblems } from './node-problems.js';
import type { NodePipe } from './node-pipe.js';

/** Once one node has answered, how long the others may take before calls begin without them. */
const CONNECT_GRACE_MS = 250;

export class FirstContact {
  readonly #clock: Clock;
  readonly #pipes: () => readonly NodePipe[];
  #waiter: { timer: Timer; resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(clock: Clock, pipes: () => readonly NodePipe[]) {
    this.#clock = clock;
    this.#pipes = pipes;
  }

  /** Resolves once the nodes that can be reached are; rejects with UNAVAILABLE where none can. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(CONNECT_TIMEOUT_MS, () => this.#giveUp());
      this.#waiter = { timer, resolve, reject };
    });
  }

  /** A pipe was opened or failed. */
  look(): void {
    if (this.#waiter === undefined) return;
    const open = this.#pipes().some((pipe) => pipe.open);
    if (this.#pipes().every((pipe) => pipe.tried)) {
      if (open) this.#end();
      else this.#giveUp();
    } else if (open) {
      this.#waiter.timer.cancel();
      this.#waiter.timer = this.#clock.setTimer(CONNECT_GRACE_MS, () => this.#end());
    }
  }

  #end(): void {
    this.#waiter?.timer.cancel();
    this.#waiter?.resolve();
    this.#waiter = undefined;
  }

  #giveUp(): void {
    const pipes = this.#pipes();
    const message = `no node of the cluster could be reached: ${describeProblems(pipes)}. Is it running, and are these its addresses?`;
    const details = { code: 'UNAVAILABLE', message, definite: true, retryable: true } as const;
    const cause = pipes.find((pipe) => pipe.problem !== undefined)?.problem;
    this.#waiter?.timer.cancel();
    this.#waiter?.reject(new FulcrumError(details, { cause }));
    this.#waiter = undefined;
  }
}
