/** The client's way to one node: a pipe that is opened again, with growing pauses, whenever it is lost. */
import {
  CONNECT_TIMEOUT_MS,
  PIPE_RECONNECT_MAX_MS,
  RECONNECT_BACKOFF_MIN_MS,
  SUSPECT_AFTER_MS,
} from '../core/defaults.js';
import type { Reply } from '../core/request.js';
import type { Timer } from '../ports/clock.js';
import type { Hello, PipeReply } from '../ports/pipe.js';
import type { Random } from '../ports/random.js';
import type { Attempt, Carrier } from './call.js';
import type { Exchange } from './cluster-clock.js';
import type { Events } from './events.js';
import { CircuitBreaker, type BreakerChange, type CircuitBreakerOptions } from './resilience/circuit-breaker.js';
import { LoadScore } from './resilience/load-score.js';
import type { Scored } from './resilience/picker.js';
import { PipeSession, type SessionOwner, type SessionParts } from './pipe-session.js';

export interface NodePipeParts extends SessionParts {
  readonly random: Random;
  readonly events: Events;
  readonly breaker: CircuitBreakerOptions;
}

export interface NodePlace {
  readonly id: string | undefined;
  readonly address: string;
  readonly fixed: boolean;
}

export interface NodePipeOwner {
  opened(pipe: NodePipe, hello: Hello, exchange: Exchange): void;
  changed(pipe: NodePipe, hello: Hello): void;
  failed(pipe: NodePipe): void;
  /** It is silent on an open connection, or is not any more. */
  wavered(pipe: NodePipe): void;
  /** Its breaker opened, closed, or became half-open. */
  judged(pipe: NodePipe): void;
  timed(pipe: NodePipe, exchange: Exchange): void;
}

export class NodePipe implements Carrier, SessionOwner, Scored {
  /** The node's name, from the caller, from another node, or from the node itself once it was reached. */
  id: string | undefined;
  /** Where it is opened from the next time on. */
  address: string;
  /** Whether it was ever opened, or failed to. */
  tried = false;
  /** Its address stays, whatever the cluster says: there may be a proxy on the way. */
  readonly fixed: boolean;
  /** Why it is not open. */
  problem: Error | undefined;
  readonly breaker: CircuitBreaker;
  readonly load = new LoadScore();
  heldUntilMs = 0;
  /** Calls for keys whose primary it is go elsewhere, because it cannot be asked. */
  isPassedOver = false;
  /** What was told of its connection last. */
  isToldConnected: boolean | undefined;
  #openedMs = -Infinity;
  #seenMs = -Infinity;
  readonly #parts: NodePipeParts;
  readonly #owner: NodePipeOwner;
  #session: PipeSession | undefined;
  #open = false;
  #failures = 0;
  #startedMs = 0;
  #reopening: Timer | undefined;
  #stopped = false;
  /** Whether its breaker is anything but closed. */
  #isTroubled = false;

  constructor(place: NodePlace, parts: NodePipeParts, owner: NodePipeOwner) {
    this.id = place.id;
    this.address = place.address;
    this.fixed = place.fixed;
    this.#parts = parts;
    this.#owner = owner;
    this.breaker = new CircuitBreaker({ ...parts.breaker, onChange: (change) => this.#judged(change) });
  }

  get name(): string {
    return this.id ?? this.address;
  }

  get isTroubled(): boolean {
    return this.#isTroubled;
  }

  get open(): boolean {
    return this.#open;
  }

  get ready(): boolean {
    return this.#open && this.#session!.ready;
  }

  /** Open, but it has said nothing for a while: asked only where nobody else can be. */
  get isSilent(): boolean {
    return this.#open && this.#session!.isSilent;
  }

  beat(awakeMs: number): void {
    this.#session?.beat(awakeMs);
  }

  score(nowMs: number): number {
    return this.load.score(nowMs);
  }

  /** Another node had an answer from this one: it works as a replica, whatever this client's way to it is like. */
  seenAsReplica(nowMs: number): void {
    this.#seenMs = nowMs;
  }

  /**
   * Whether nothing speaks for this node: its breaker is open, and no other node has heard from it since. What others
   * heard shortly before counts at first, until they would have had the time to hear from it again.
   */
  isBroken(nowMs: number): boolean {
    const state = this.breaker.stateAt(nowMs);
    if (state.kind !== 'open' || nowMs >= state.untilMs || this.#seenMs >= this.#openedMs) return false;
    return this.#seenMs < this.#openedMs - SUSPECT_AFTER_MS || nowMs >= this.#openedMs + SUSPECT_AFTER_MS;
  }

  start(): void {
    if (this.#stopped) return;
    this.#session = new PipeSession(this.#parts, this);
    this.#startedMs = this.#parts.clock.monotonicMs();
    this.#session.start(this.address, this.tried ? PIPE_RECONNECT_MAX_MS : CONNECT_TIMEOUT_MS);
  }

  /** For good. */
  stop(reason: Error): void {
    this.#stopped = true;
    this.#reopening?.cancel();
    this.#session?.close(reason);
  }

  /** Closes the pipe that is open, and opens it again later. */
  refuse(reason: Error): void {
    this.#session?.close(reason);
  }

  send(attempt: Attempt): void {
    this.#session!.send(attempt);
  }

  forget(attempt: Attempt): void {
    this.#session?.forget(attempt);
  }

  opened(hello: Hello, exchange: Exchange): void {
    this.tried = true;
    this.problem = undefined;
    this.#open = true;
    this.#failures = 0;
    this.breaker.heard(exchange.receivedMs);
    this.#owner.opened(this, hello, exchange);
  }

  changed(hello: Hello): void {
    this.#owner.changed(this, hello);
  }

  heard(batch: readonly PipeReply[]): void {
    if (!this.#isTroubled || !batch.some(({ reply }) => isServing(reply))) return;
    this.breaker.heard(this.#parts.clock.monotonicMs());
  }

  closed(reason: Error): void {
    this.tried = true;
    this.problem = reason;
    if (this.#open) this.#startedMs = this.#parts.clock.monotonicMs();
    this.#open = false;
    if (!this.#stopped) this.#reopening = this.#parts.clock.setTimer(this.#pauseMs(), () => this.start());
    this.#owner.failed(this);
  }

  silent(): void {
    this.#owner.wavered(this);
  }

  heardAgain(): void {
    this.breaker.heard(this.#parts.clock.monotonicMs());
    this.#owner.wavered(this);
  }

  timed(exchange: Exchange): void {
    this.#owner.timed(this, exchange);
  }

  #judged({ from, to, atMs }: BreakerChange): void {
    this.#isTroubled = to.kind !== 'closed';
    if (to.kind === 'open') this.#openedMs = atMs;
    const { events } = this.#parts;
    if (events.isHeard) events.tell({ kind: 'breaker', node: this.name, from, to });
    this.#owner.judged(this);
  }

  /**
   * Doubles from the least to the most, jittered by half, so that clients do not come back in step. The time that the
   * attempt itself took counts: one that is not answered is not waited for twice.
   */
  #pauseMs(): number {
    const bound = Math.min(PIPE_RECONNECT_MAX_MS, RECONNECT_BACKOFF_MIN_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    const jitter = 0.5 + this.#parts.random.unit() / 2;
    const tookMs = this.#parts.clock.monotonicMs() - this.#startedMs;
    return Math.max(bound * jitter - tookMs, Math.min(bound, RECONNECT_BACKOFF_MIN_MS) * jitter);
  }
}

function isServing(reply: Reply): boolean {
  return reply.kind !== 'error' || reply.error.code !== 'OVERLOADED';
}
