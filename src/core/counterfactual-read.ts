/**
 * What each level, and each home replica alone, would have answered to one read: an accumulator that is told each
 * replica's answer and when it came.
 */
import type { AcknowledgedWrite } from './acknowledged-writes.js';
import type { Micros } from './ballot.js';
import { LEVELS, requiredReplicas, type Level } from './level.js';
import { isBelow, newestOf, stalenessOf, type HeldVersion, type Known, type Staleness } from './staleness.js';

export interface CounterfactualReadOptions {
  /** The node that asks, one of the home replicas. */
  readonly self: string;
  readonly homes: readonly string[];
  /** When the replicas are asked. */
  readonly begunAt: Micros;
  /** The answer that the client was given; undefined where it was an error. */
  readonly actual: ActualAnswer | undefined;
}

export interface ActualAnswer {
  readonly level: Level;
  /** When the request began. */
  readonly begunAt: Micros;
  readonly held: HeldVersion;
}

/** undefined in its place: it would have failed. */
export interface WouldAnswer {
  readonly latencyMs: number;
  readonly stale: Staleness | undefined;
  /** Replicas disagreed: a consistent read takes another round, which is in the latency. */
  readonly repairs: boolean;
}

export interface ReadObservation {
  readonly levels: Readonly<Record<Level, WouldAnswer | undefined>>;
  readonly replicas: readonly { readonly node: string; readonly answer: WouldAnswer | undefined }[];
  readonly actual: { readonly level: Level; readonly isStale: boolean } | undefined;
  /** The last write acknowledged before the replicas were asked; undefined where none is known. */
  readonly lastWrite: { readonly msAgo: number; readonly writer: string } | undefined;
}

interface Arrival {
  readonly node: string;
  readonly latencyMs: number;
  readonly held: HeldVersion;
}

export class CounterfactualRead {
  readonly #options: CounterfactualReadOptions;
  /** In the order in which they came. */
  readonly #arrivals: Arrival[] = [];
  readonly #acknowledged: (AcknowledgedWrite & { readonly writer: string })[] = [];
  readonly #silent = new Set<string>();

  constructor(options: CounterfactualReadOptions) {
    this.#options = options;
  }

  onHeld(node: string, held: HeldVersion, latencyMs: number): void {
    if (this.#silent.has(node) || this.#arrivals.some((arrival) => arrival.node === node)) return;
    this.#arrivals.push({ node, held, latencyMs });
  }

  /** Writes of the key that this home replica acknowledged as a coordinator, by this node's clock. */
  onAcknowledged(node: string, writes: readonly AcknowledgedWrite[]): void {
    for (const write of writes) this.#acknowledged.push({ ...write, writer: node });
  }

  /** It cannot be reached, or refuses. */
  onSilence(node: string): void {
    if (!this.#arrivals.some((arrival) => arrival.node === node)) this.#silent.add(node);
  }

  /** How long each replica's answer took. */
  get arrivals(): readonly { readonly node: string; readonly latencyMs: number }[] {
    return this.#arrivals;
  }

  /** What is known by now; whoever has not answered yet has not answered in time. */
  observe(): ReadObservation {
    const { homes, begunAt, actual } = this.#options;
    const level = (asked: Level): WouldAnswer | undefined => this.#atLevel(requiredReplicas(asked, homes.length));
    const replicas = homes.map((node) => {
      const arrival = this.#arrivals.find((one) => one.node === node);
      return { node, answer: arrival === undefined ? undefined : this.#would([arrival]) };
    });
    const before = this.#acknowledged.filter(({ at }) => at <= begunAt);
    const last = before.reduce<(typeof before)[number] | undefined>(
      (latest, write) => (latest === undefined || write.at > latest.at ? write : latest),
      undefined,
    );
    return {
      levels: Object.fromEntries(LEVELS.map((asked) => [asked, level(asked)])) as ReadObservation['levels'],
      replicas,
      actual: actual === undefined ? undefined : { level: actual.level, isStale: this.#isStale(actual) },
      lastWrite: last === undefined ? undefined : { msAgo: (begunAt - last.at) / 1_000, writer: last.writer },
    };
  }

  /** This node's own replica is always among those that a read at any level hears. */
  #atLevel(required: number): WouldAnswer | undefined {
    const own = this.#arrivals.find(({ node }) => node === this.#options.self);
    if (own === undefined) return undefined;
    const others = this.#arrivals.filter((arrival) => arrival !== own).slice(0, required - 1);
    return others.length < required - 1 ? undefined : this.#would([own, ...others]);
  }

  #would(heard: readonly Arrival[]): WouldAnswer {
    const newest = newestOf(heard.map(({ held }) => held));
    const repairs = heard.some(({ held }) => isBelow(held.accepted, newest.accepted));
    const slowestMs = Math.max(...heard.map(({ latencyMs }) => latencyMs));
    return {
      latencyMs: repairs ? 2 * slowestMs : slowestMs,
      stale: stalenessOf(newest, this.#known(this.#options.begunAt)),
      repairs,
    };
  }

  #isStale(actual: ActualAnswer): boolean {
    return stalenessOf(actual.held, this.#known(actual.begunAt)) !== undefined;
  }

  #known(begunAt: Micros): Known {
    return {
      replicas: this.#options.homes.length,
      begunAt,
      acknowledged: this.#acknowledged,
      held: this.#arrivals.map(({ held }) => held),
    };
  }
}
