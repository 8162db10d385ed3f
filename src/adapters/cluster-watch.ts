/** Watches all nodes of a cluster at once, and again after they were away. */
import { clusterLive, type ClusterLive } from '../core/cluster-live.js';
import { LIVE_PERIOD_MS, RECONNECT_BACKOFF_MAX_MS } from '../core/defaults.js';
import type { LiveSample } from '../core/live-sample.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Tls } from '../ports/tls.js';
import { watchNode, type NodeWatcher } from './live-watch.js';
import { diallingWith, type Dialling } from './tls-credentials.js';

export interface ClusterWatchOptions {
  /** gRPC addresses, host:port, and the names of the nodes where they are known. */
  readonly nodes: readonly { readonly address: string; readonly id?: string | undefined }[];
  readonly clock: Clock;
  /** What is shown to the nodes; without it, connections are plain. */
  readonly tls?: Tls | undefined;
}

/** What a node told longer ago than this says nothing about now. */
const SILENT_AFTER_MS = 2.5 * LIVE_PERIOD_MS;

class Subscription {
  readonly #clock: Clock;
  readonly #dialling: Dialling;
  #end: (() => void) | undefined;
  #retry: Timer | undefined;
  #heard: { readonly sample: LiveSample; readonly atMs: number } | undefined;
  #stopped = false;

  constructor(
    readonly address: string,
    readonly node: string | undefined,
    clock: Clock,
    dialling: Dialling,
  ) {
    this.#clock = clock;
    this.#dialling = dialling;
    this.#watch();
  }

  /** What it told lately. */
  get sample(): LiveSample | undefined {
    if (this.#heard === undefined || this.#clock.monotonicMs() - this.#heard.atMs > SILENT_AFTER_MS) return undefined;
    return this.#heard.sample;
  }

  get knownAs(): string | undefined {
    return this.#heard?.sample.node ?? this.node;
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#end?.();
  }

  #watch(): void {
    const watcher: NodeWatcher = {
      onSample: (sample) => {
        this.#heard = { sample, atMs: this.#clock.monotonicMs() };
      },
      onEnd: () => {
        if (this.#stopped) return;
        this.#retry = this.#clock.setTimer(RECONNECT_BACKOFF_MAX_MS / 4, () => {
          this.#watch();
        });
      },
    };
    this.#end = watchNode(this.address, watcher, this.#dialling);
  }
}

export class ClusterWatch {
  readonly #subscriptions: readonly Subscription[];

  /** Begins at once; what has not told anything yet is silent. */
  constructor({ nodes, clock, tls }: ClusterWatchOptions) {
    const dialling = diallingWith(tls);
    this.#subscriptions = nodes.map(({ address, id }) => new Subscription(address, id, clock, dialling));
  }

  /** Whether every node has told something lately. */
  get isWhole(): boolean {
    return this.#subscriptions.every(({ sample }) => sample !== undefined);
  }

  /** The cluster as its nodes told it last. */
  now(): ClusterLive {
    return clusterLive(this.#subscriptions.map(({ address, knownAs, sample }) => ({ address, node: knownAs, sample })));
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.stop();
  }
}
