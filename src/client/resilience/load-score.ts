/** How busy a node is, as far as this client can tell. */
import { LOAD_DECAY_MS } from '../../core/defaults.js';
import { checked } from '../../core/checked.js';
import type { Scored } from './picker.js';

export interface LoadScoreOptions {
  /** How fast a peak is forgotten: to 37 % in this time, in milliseconds; 10000 by default (as Finagle and linkerd2). */
  readonly decayMs?: number | undefined;
}

/** A clock too coarse to see a latency must not make a node look free of cost. */
const LATENCY_LEAST_MS = 0.001;
/** For a node that has been asked and has never answered: only as a last resort. */
const UNKNOWN_LATENCY_MS = 1e9;

/**
 * Peak-EWMA (Finagle): the latency to expect times the requests in flight, this one included. A latency above the
 * average replaces it at once; those below draw it down as time passes, so that a node that was slow a moment ago
 * is avoided at once and trusted again slowly. Two things keep a node from being flooded before it has answered:
 * one that was never heard is asked once and then left alone until it answers, and one that was left alone is
 * forgiven only as long as nothing is in flight.
 *
 * Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const nodes = addresses.map((address) => ({ address, load: new LoadScore() }));
 * const picker = new PowerOfTwo({ unit: Math.random });
 * const load = picker.pick(nodes.map((node) => node.load), performance.now())!;
 */
export class LoadScore implements Scored {
  readonly #decayMs: number;
  /** 0: never heard. */
  #latencyMs = 0;
  #updatedMs = 0;
  #inFlight = 0;

  constructor(options: LoadScoreOptions = {}) {
    this.#decayMs = checked('decayMs', options.decayMs ?? LOAD_DECAY_MS, { above: 0 });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** A request was sent; `answered` or `abandoned` follows. */
  started(): void {
    this.#inFlight += 1;
  }

  /** It was answered, or given up after that long: a timeout is a latency, too. */
  answered(latencyMs: number, nowMs: number): void {
    this.#ended();
    const latest = Math.max(LATENCY_LEAST_MS, latencyMs);
    if (latest > this.#latencyMs) {
      this.#latencyMs = latest;
    } else {
      this.#latencyMs = latest + (this.#latencyMs - latest) * this.#remembered(nowMs);
    }
    this.#updatedMs = Math.max(this.#updatedMs, nowMs);
  }

  /** It ended in a way that says nothing about how fast the node is. */
  abandoned(): void {
    this.#ended();
  }

  /** Only comparisons mean anything; the lower, the better. */
  score(nowMs: number): number {
    const inFlight = this.#inFlight;
    if (this.#latencyMs === 0) return inFlight === 0 ? 0 : UNKNOWN_LATENCY_MS * (inFlight + 1);
    return inFlight === 0 ? this.#latencyMs * this.#remembered(nowMs) : this.#latencyMs * (inFlight + 1);
  }

  #ended(): void {
    if (this.#inFlight === 0) throw new Error('a request ended that was never started, or ended before');
    this.#inFlight -= 1;
  }

  #remembered(nowMs: number): number {
    return Math.exp(-Math.max(0, nowMs - this.#updatedMs) / this.#decayMs);
  }
}
