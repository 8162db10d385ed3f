/** What a client tells about itself while it works. */
import type { FulcrumError } from '../core/errors.js';
import type { Clock } from '../ports/clock.js';
import type { BreakerState } from './resilience/circuit-breaker.js';

/** Each variant has only what it needs. `operation` is for people, such as `put of "greeting"`. */
export type ClientEvent =
  /** Times in `to` are on the client's monotonic clock, as `performance.now()` gives them. */
  | { readonly kind: 'breaker'; readonly node: string; readonly from: BreakerState['kind']; readonly to: BreakerState }
  /** An attempt failed and the call goes on after `pauseMs`: at another node where nothing says otherwise. */
  | {
      readonly kind: 'retry';
      readonly operation: string;
      readonly node: string | undefined;
      readonly attempt: number;
      readonly pauseMs: number;
      readonly reason: FulcrumError;
    }
  /** A node did not answer for `afterMs`, and `node` is asked as well. */
  | { readonly kind: 'hedge'; readonly operation: string; readonly node: string; readonly afterMs: number }
  /**
   * `node` cannot be asked for the keys whose primary it is, and the first call for one of them went to `to` instead:
   * `unreachable`: no connection that answers; `breaker`: its circuit breaker. Told once, until it is used again.
   */
  | { readonly kind: 'failover'; readonly node: string; readonly to: string; readonly why: 'unreachable' | 'breaker' }
  /** Calls for the keys whose primary it is go to `node` again. */
  | { readonly kind: 'failback'; readonly node: string }
  /** The call waits for the client's own limit, behind `waiting` others. */
  | { readonly kind: 'throttle'; readonly operation: string; readonly waiting: number }
  /** The connection to a node was lost or fell silent, or is there (again). Told when that changes. */
  | { readonly kind: 'connection'; readonly node: string; readonly connected: true }
  | { readonly kind: 'connection'; readonly node: string; readonly connected: false; readonly reason: Error }
  /** A node announced another policy, or other nodes. */
  | { readonly kind: 'cluster'; readonly policy: string; readonly nodes: readonly string[] };

export type ClientListener = (event: ClientEvent) => void;

export class Events {
  readonly #clock: Clock;
  readonly #listeners = new Set<ClientListener>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Events are made only for somebody. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Returns what ends it. */
  listen(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Told once this turn's work is done: what a listener throws is nobody's answer. */
  tell(event: ClientEvent): void {
    for (const listener of this.#listeners) this.#clock.defer(() => listener(event));
  }
}
