/** How fast calls begin, and how many are under way at once; the others wait in order. */
import type { FulcrumError } from '../core/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Call } from './call.js';
import type { Events } from './events.js';
import * as failures from './failures.js';
import { Throttle, type ThrottleOptions } from './resilience/throttle.js';
import { WaitingLine } from './waiting-line.js';

export interface ThrottleSettings extends ThrottleOptions {
  /** Tokens for each byte of a value that is sent, beside the one for each call. */
  readonly perByte: number;
}

export interface GateOptions {
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly maxWaiting: number;
  readonly throttle: ThrottleSettings | undefined;
}

export interface GateKeeper {
  /** The call is under way now. */
  begin(call: Call): void;
  /** It waits for others to end, until its deadline. */
  wait(call: Call): void;
  /** It waits no longer. */
  waited(call: Call): void;
  /** It never began. */
  turnAway(call: Call, error: FulcrumError): void;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #keeper: GateKeeper;
  readonly #line: WaitingLine;
  readonly #throttle: Throttle | undefined;
  #inFlight = 0;
  #inFlightBytes = 0;
  #admitting = false;
  #isClosed = false;

  constructor(options: GateOptions, clock: Clock, events: Events, keeper: GateKeeper) {
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.#keeper = keeper;
    this.#line = new WaitingLine(options.maxWaiting);
    if (options.throttle !== undefined) this.#throttle = new Throttle(options.throttle, clock);
  }

  /** Calls that had to wait for the throttle. */
  throttled = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Those that wait for the throttle or for others to end. */
  get waiting(): number {
    return (this.#line.isEmpty ? 0 : this.#line.size) + (this.#throttle?.waiting ?? 0);
  }

  /** Nobody is under way, and nobody waits for it. */
  get isEmpty(): boolean {
    return this.#inFlight === 0 && this.#line.isEmpty;
  }

  enter(call: Call): void {
    if (this.#isClosed) this.#keeper.turnAway(call, failures.clientIsClosed(call));
    else if (this.#throttle === undefined) this.#pass(call);
    else this.#throttled(this.#throttle, call);
  }

  /** A call that began is over. */
  left(call: Call): void {
    this.#inFlight -= 1;
    this.#inFlightBytes -= call.bytes;
    if (!this.#admitting) this.#admit();
  }

  /** Calls that wait in line still get their turn; those that wait for the limit, and later ones, do not. */
  close(): void {
    this.#isClosed = true;
    this.#throttle?.stop(new Error('the client was closed'));
  }

  #throttled(throttle: Throttle, call: Call): void {
    const cost = 1 + call.payloadBytes * this.#options.throttle!.perByte;
    const { burst } = throttle;
    if (cost > burst) return this.#keeper.turnAway(call, failures.aboveBurst(call, cost, burst));
    if (throttle.tryTake(cost)) return this.#pass(call);
    this.throttled += 1;
    if (this.#events.isHeard) {
      this.#events.tell({ kind: 'throttle', operation: call.title, waiting: throttle.waiting });
    }
    call.phase = 'throttled';
    const timeoutMs = Math.max(0, call.deadlineMs - this.#clock.monotonicMs());
    const options = { cost, timeoutMs, signal: call.signal ?? undefined };
    throttle.take(options).then(
      () => {
        if (call.phase !== 'throttled') return;
        if (this.#isClosed) this.#keeper.turnAway(call, failures.clientIsClosed(call));
        else this.#pass(call);
      },
      (reason: unknown) => {
        if (call.phase !== 'throttled') return;
        const error = this.#isClosed ? failures.clientIsClosed(call) : failures.throttled(call, reason);
        this.#keeper.turnAway(call, error);
      },
    );
  }

  #pass(call: Call): void {
    if (this.#line.isEmpty && this.#hasRoomFor(call)) this.#begin(call);
    else if (this.#line.join(call)) this.#keeper.wait(call);
    else this.#keeper.turnAway(call, failures.lineIsFull(call, this.#line.size));
  }

  #begin(call: Call): void {
    this.#inFlight += 1;
    this.#inFlightBytes += call.bytes;
    this.#keeper.begin(call);
  }

  /** A loop and not a recursion: calls that fail at once make room for the next ones. */
  #admit(): void {
    this.#admitting = true;
    for (let call = this.#line.first; call !== undefined && this.#hasRoomFor(call); call = this.#line.first) {
      this.#line.leave();
      this.#keeper.waited(call);
      this.#begin(call);
    }
    this.#admitting = false;
  }

  /** One call is always carried out, however large. */
  #hasRoomFor(call: Call): boolean {
    const { maxInFlight, maxInFlightBytes } = this.#options;
    if (this.#inFlight === 0) return true;
    return this.#inFlight < maxInFlight && this.#inFlightBytes + call.bytes <= maxInFlightBytes;
  }
}
