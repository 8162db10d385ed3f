/** What this node tells of itself while it works: counters for metrics, and a sample each second for whoever watches. */
import type { Level } from '../core/level.js';
import { LiveMeter } from '../core/live-meter.js';
import type { LiveLink, LiveSample } from '../core/live-sample.js';
import { defaultLevel } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import type { GetRequest, MutateRequest, Reply } from '../core/request.js';
import type { LiveSource, LiveWatcher } from '../ports/live.js';
import { Counterfactuals } from './counterfactuals.js';
import { LiveFeed } from './live-feed.js';
import { operationKind, type Pending } from './pending.js';
import type { Origin } from './request-check.js';
import { RequestLog } from './request-log.js';
import type { SampledWrite, WriteToTime } from './sampled-write.js';
import type { LiveStats, PeerStats, RepairStats, RequestStats } from './stats.js';
import type { Tools } from './tools.js';

/** What else is in a sample, as it is now. */
export interface LiveState {
  readonly ready: boolean;
  readonly inFlightRequests: number;
  readonly stand: PolicyStand;
  readonly peers: readonly PeerStats[];
  readonly repair: RepairStats;
}

export interface LiveParts {
  /** Its name. */
  readonly cluster: string;
  readonly tools: Tools;
  /** Of the requests that are sampled, 0 to 1. */
  readonly share: number;
  readonly state: () => LiveState;
}

export class Live implements LiveSource {
  readonly #parts: LiveParts;
  readonly #requests = new RequestLog();
  readonly #meter = new LiveMeter();
  readonly #counterfactuals: Counterfactuals;
  readonly #feed: LiveFeed;
  #startedMs = 0;
  #sequence = 0;
  #conflictsBefore = 0;
  #dropped = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#counterfactuals = new Counterfactuals({
      tools: parts.tools,
      share: parts.share,
      onChecked: (level, isStale) => {
        this.#meter.checked(level, isStale);
      },
    });
    this.#feed = new LiveFeed(parts.tools.clock, (seconds) => this.#second(seconds));
  }

  start(): void {
    this.#startedMs = this.#parts.tools.clock.monotonicMs();
    this.#feed.start();
  }

  stop(): void {
    this.#feed.stop();
  }

  /** A request has its answer. */
  answered(pending: Pending, reply: Reply, origin: Origin): void {
    const { operation, level, startedMs, homes } = pending;
    const { clock, self } = this.#parts.tools;
    const latencyMs = clock.monotonicMs() - startedMs;
    this.#requests.add(operation, level, reply, latencyMs / 1_000);
    if (origin === 'client') this.#meter.add(operation, level, reply, latencyMs);
    // What was sent on is sampled where it was carried out.
    if (origin !== 'self' && homes.includes(self.node)) this.#counterfactuals.answered(pending, reply);
  }

  /** A request was turned away before anything was done. */
  refused(request: GetRequest | MutateRequest, level: Level, reply: Reply, origin: Origin): void {
    this.#requests.add(operationKind(request), level, reply, 0);
    if (origin === 'client') this.#meter.add(operationKind(request), level, reply, 0);
  }

  timed(write: WriteToTime): SampledWrite | undefined {
    return this.#counterfactuals.timed(write);
  }

  acknowledgedOf(key: string): ReturnType<Counterfactuals['acknowledgedOf']> {
    return this.#counterfactuals.acknowledgedOf(key);
  }

  /** Tells each second what happened in it; returns what ends that, or undefined where too many watch already. */
  watch(watcher: LiveWatcher): (() => void) | undefined {
    return this.#feed.watch(watcher);
  }

  /** A watcher was too slow and was sent away. */
  watcherDropped(): void {
    this.#dropped += 1;
  }

  requests(): RequestStats[] {
    return this.#requests.stats();
  }

  stats(): LiveStats {
    const { log, share } = this.#counterfactuals;
    return {
      degraded: this.#requests.degraded(),
      share,
      counterfactual: log.totals,
      staleness: log.sample(share, this.#parts.tools.clock.monotonicMs()).staleness,
      stand: this.#parts.state().stand,
      watchers: this.#feed.watchers,
      watchersDropped: this.#dropped,
    };
  }

  #second(seconds: number): () => LiveSample {
    this.#sequence += 1;
    this.#counterfactuals.second();
    const levels = this.#feed.watchers > 0 ? this.#meter.take(seconds) : [];
    this.#meter.drop();
    const { recorded, before } = this.#conflicts();
    return () => this.#sample(seconds, levels, { recorded, recordedNow: recorded - before });
  }

  #conflicts(): { recorded: number; before: number } {
    const before = this.#conflictsBefore;
    this.#conflictsBefore = this.#parts.state().repair.conflicts;
    return { recorded: this.#conflictsBefore, before };
  }

  #sample(seconds: number, levels: LiveSample['levels'], conflicts: Omit<LiveSample['conflicts'], 'kept'>): LiveSample {
    const { clock, self } = this.#parts.tools;
    const { ready, inFlightRequests, stand, peers, repair } = this.#parts.state();
    const { log, share } = this.#counterfactuals;
    const nowMs = clock.monotonicMs();
    return {
      cluster: this.#parts.cluster,
      node: self.node,
      incarnation: self.incarnation,
      sequence: this.#sequence,
      atMs: Math.floor(clock.physicalMicros() / 1_000),
      seconds,
      uptimeSeconds: (nowMs - this.#startedMs) / 1_000,
      ready,
      inFlightRequests,
      policy: { ...stand, settlingProgress: repair.settlingProgress, defaultLevel: defaultLevel(stand.policy) },
      levels,
      ...log.sample(share, nowMs),
      links: peers.map(linkOf),
      hints: repair.hints.targets.map(({ target, hints, bytes }) => ({ target, kept: hints, keptBytes: bytes })),
      repair: {
        comparing: repair.comparing,
        progress: repair.progress,
        comparisons: repair.comparisons,
        mended: repair.pushed + repair.pulled + repair.settled,
        hintsDelivered: repair.hints.delivered,
      },
      conflicts: { ...conflicts, kept: repair.conflictsKept },
    };
  }
}

function linkOf({ id, verdict, phi, heardMsAgo, roundTripMs, clockOffsetMs, queuedBytes }: PeerStats): LiveLink {
  return { peer: id, state: verdict, phi, heardMsAgo, roundTripMs, clockOffsetMs, queuedBytes };
}
