/** Keeps a fixed number of operations under way: each one that ends starts the next. */
import { FulcrumError } from '../src/core/errors.js';
import { Histogram } from '../chaos/measure/histogram.js';

/** What the loop runs, again and again. */
export interface Operations {
  start(): Promise<unknown>;
  /** Whether an operation that succeeded gave what it had to. */
  isRight(result: unknown): boolean;
}

/** An answer that is not what was stored. */
export const WRONG_ANSWER = 'WRONG_ANSWER';
/** After a failure, so that one that comes at once does not keep the process from everything else. */
const PAUSE_AFTER_FAILURE_MS = 1;

/** What was counted between two moments. */
export interface Tally {
  readonly latency: Histogram;
  readonly errors: Map<string, number>;
}

export class ClosedLoop {
  readonly #operations: Operations;
  readonly #drained: Promise<void>;
  #settle: () => void = () => undefined;
  #lanes = 0;
  #stopping = false;
  #tally: Tally = emptyTally();

  constructor(operations: Operations, concurrency: number) {
    this.#operations = operations;
    this.#drained = new Promise((resolve) => (this.#settle = resolve));
    this.#lanes = concurrency;
    for (let i = 0; i < concurrency; i += 1) new Lane(this).start(performance.now());
  }

  /** What was counted since the last call, or the beginning. */
  takeTally(): Tally {
    const tally = this.#tally;
    this.#tally = emptyTally();
    return tally;
  }

  /** Starts nothing more; resolves when everything under way has ended. */
  stop(): Promise<void> {
    this.#stopping = true;
    return this.#drained;
  }

  startOperation(): Promise<unknown> | undefined {
    if (!this.#stopping) return this.#operations.start();
    this.#lanes -= 1;
    if (this.#lanes === 0) this.#settle();
    return undefined;
  }

  succeeded(result: unknown, durationMs: number): void {
    if (this.#operations.isRight(result)) this.#tally.latency.record(durationMs);
    else this.#count(WRONG_ANSWER);
  }

  failed(error: unknown): void {
    this.#count(error instanceof FulcrumError ? error.code : error instanceof Error ? error.message : String(error));
  }

  #count(code: string): void {
    this.#tally.errors.set(code, (this.#tally.errors.get(code) ?? 0) + 1);
  }
}

/** One operation at a time; its callbacks are made once, and the end of one operation is the start of the next. */
class Lane {
  readonly #loop: ClosedLoop;
  #startedMs = 0;

  constructor(loop: ClosedLoop) {
    this.#loop = loop;
  }

  start(nowMs: number): void {
    this.#startedMs = nowMs;
    void this.#loop.startOperation()?.then(this.#succeeded, this.#failed);
  }

  readonly #succeeded = (result: unknown): void => {
    const nowMs = performance.now();
    this.#loop.succeeded(result, nowMs - this.#startedMs);
    this.start(nowMs);
  };

  readonly #failed = (error: unknown): void => {
    this.#loop.failed(error);
    setTimeout(() => this.start(performance.now()), PAUSE_AFTER_FAILURE_MS);
  };
}

function emptyTally(): Tally {
  return { latency: new Histogram(), errors: new Map() };
}
