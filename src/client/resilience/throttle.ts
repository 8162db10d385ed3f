/** A rate that callers wait for in order, each up to its own deadline. */
import { THROTTLE_WAITING_MAX, TOTAL_TIMEOUT_MS } from '../../core/defaults.js';
import { FulcrumError } from '../../core/errors.js';
import type { Clock, Timer } from '../../ports/clock.js';
import { checked } from '../../core/checked.js';
import { Fifo, Queued } from './fifo.js';
import { TokenBucket, type TokenBucketOptions } from '../../core/token-bucket.js';

export interface ThrottleOptions extends TokenBucketOptions {
  /** Those who may wait at once, 10000 by default; further ones are refused at once. */
  readonly maxWaiting?: number | undefined;
}

export interface TakeOptions {
  /** Tokens, 0 to the burst; 1 by default. Fractions are allowed. */
  readonly cost?: number | undefined;
  /** How long to wait at most, in milliseconds; 5000 by default, 0: not at all. */
  readonly timeoutMs?: number | undefined;
  /** Gives the place up; what was rejected with is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What it needs of a clock: time that never goes back, and timers. */
export type ThrottleClock = Pick<Clock, 'monotonicMs' | 'setTimer'>;

/** Longer timers fire at once (Node, browsers). */
const TIMER_MS_MAX = 2 ** 31 - 1;

class Waiter extends Queued {
  constructor(
    readonly cost: number,
    readonly deadlineMs: number,
    readonly resolve: () => void,
    readonly reject: (reason: unknown) => void,
  ) {
    super();
  }

  /** Ends what watches for its deadline and its signal. */
  unwatch: () => void = () => undefined;
}

/**
 * Tokens of a `TokenBucket`, given strictly in the order of asking: a large cost holds the small ones behind it back
 * until it is met, so that it is never starved. Who cannot be served in time is refused at once (as in Go's
 * x/time/rate), with THROTTLED and the time after which asking again may help; nothing was taken then.
 *
 * The burst bounds what a timer that fires late can make good: give it some 20 ms' worth of the rate at least.
 *
 * Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const clock = {
 *   monotonicMs: () => performance.now(),
 *   setTimer(delayMs: number, run: () => void) {
 *     const timer = setTimeout(run, delayMs);
 *     return { cancel: () => clearTimeout(timer) };
 *   },
 * };
 * const throttle = new Throttle({ ratePerSecond: 50, burst: 10 }, clock);
 * await throttle.take({ timeoutMs: 200 });
 * await kv.put('greeting', 'hello');
 */
export class Throttle {
  readonly #clock: ThrottleClock;
  readonly #bucket: TokenBucket;
  readonly #maxWaiting: number;
  readonly #queue = new Fifo<Waiter>();
  #queuedCost = 0;
  /** For the first in the queue. */
  #timer: Timer | undefined;

  constructor(options: ThrottleOptions, clock: ThrottleClock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(options);
    this.#maxWaiting = checked('maxWaiting', options.maxWaiting ?? THROTTLE_WAITING_MAX, { least: 0, whole: true });
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** The most that can be taken at once. */
  get burst(): number {
    return this.#bucket.burst;
  }

  /** Takes `cost` tokens now, or none; false also where others are waiting, because they come first. */
  tryTake(cost = 1): boolean {
    this.#check(cost);
    return this.#queue.size === 0 && this.#bucket.tryTake(cost, this.#clock.monotonicMs()).granted;
  }

  /**
   * Resolves once the tokens are taken. Rejects with THROTTLED (definite, retryable, with `retryAfterMs`) where that
   * cannot be in time or too many wait, with INVALID_ARGUMENT for a cost above the burst, and with the signal's reason.
   */
  async take(options: TakeOptions = {}): Promise<void> {
    const { cost = 1, signal } = options;
    const timeoutMs = checked('timeoutMs', options.timeoutMs ?? TOTAL_TIMEOUT_MS, { least: 0, most: TIMER_MS_MAX });
    signal?.throwIfAborted();
    if (this.tryTake(cost)) return;
    const nowMs = this.#clock.monotonicMs();
    const waitMs = this.#waitMs(cost, nowMs);
    if (waitMs > timeoutMs) throw this.#tooLate(waitMs);
    if (this.#queue.size >= this.#maxWaiting) throw this.#tooMany(waitMs);
    await this.#wait(cost, timeoutMs, signal);
  }

  /** Everyone who waits is rejected with the reason, and no timer is left. */
  stop(reason: Error): void {
    for (let waiter = this.#queue.first; waiter !== null; waiter = this.#queue.first) {
      this.#leave(waiter);
      waiter.reject(reason);
    }
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(cost: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(cost, this.#clock.monotonicMs() + timeoutMs, resolve, reject);
      const abandon = (): void => this.#giveUp(waiter, signal!.reason);
      const deadline = this.#clock.setTimer(timeoutMs, () => this.#expire(waiter));
      signal?.addEventListener('abort', abandon);
      waiter.unwatch = () => {
        deadline.cancel();
        signal?.removeEventListener('abort', abandon);
      };
      this.#queue.join(waiter);
      this.#queuedCost += cost;
      if (this.#queue.first === waiter) this.#serve();
    });
  }

  /** Everyone at the front whose tokens are there by now. */
  readonly #serve = (): void => {
    this.#timer?.cancel();
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (let waiter = this.#queue.first; waiter !== null; waiter = this.#queue.first) {
      if (nowMs > waiter.deadlineMs) {
        this.#leave(waiter);
        waiter.reject(this.#tooLate(this.#waitMs(waiter.cost, nowMs)));
        continue;
      }
      const taken = this.#bucket.tryTake(waiter.cost, nowMs);
      if (!taken.granted) {
        this.#timer = this.#clock.setTimer(taken.retryAfterMs, this.#serve);
        return;
      }
      this.#leave(waiter);
      waiter.resolve();
    }
  };

  /** What came back until this moment is given out first. */
  #expire(waiter: Waiter): void {
    this.#serve();
    if (this.#queue.has(waiter)) this.#giveUp(waiter, this.#tooLate(this.#waitMs(waiter.cost, waiter.deadlineMs)));
  }

  /** Those behind may be cheaper. */
  #giveUp(waiter: Waiter, reason: unknown): void {
    this.#leave(waiter);
    waiter.reject(reason);
    this.#serve();
  }

  #leave(waiter: Waiter): void {
    waiter.unwatch();
    this.#queue.leave(waiter);
    // Sums of fractions drift; an empty queue costs exactly nothing.
    this.#queuedCost = this.#queue.size === 0 ? 0 : this.#queuedCost - waiter.cost;
  }

  /** Until `cost` is met behind everyone who waits. */
  #waitMs(cost: number, nowMs: number): number {
    return this.#bucket.waitMs(this.#queuedCost + cost, nowMs);
  }

  #check(cost: number): void {
    if (!(cost >= 0 && cost <= this.#bucket.burst)) checked('cost', cost, { least: 0, most: this.#bucket.burst });
  }

  #tooLate(waitMs: number): FulcrumError {
    return this.#throttled(`the limit of ${this.#bucket.ratePerSecond} a second leaves no room for it in time`, waitMs);
  }

  #tooMany(waitMs: number): FulcrumError {
    return this.#throttled(`${this.#queue.size} wait already, as many as maxWaiting allows`, waitMs);
  }

  #throttled(reason: string, retryAfterMs: number): FulcrumError {
    const message = `it was not begun: ${reason}. Ask again in ${Math.ceil(retryAfterMs)} ms, or raise the limit`;
    return new FulcrumError({ code: 'THROTTLED', message, definite: true, retryable: true, retryAfterMs });
  }
}
