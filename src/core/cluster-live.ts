/** The samples of all nodes of a cluster as one picture of its last second. */
import { mergeLatencies } from './latency-counts.js';
import { LEVELS } from './level.js';
import type {
  Behind,
  Counterfactual,
  CounterfactualReads,
  CounterfactualWrites,
  LevelSample,
  LiveConflicts,
  LiveHints,
  LiveLink,
  LivePolicy,
  LiveRepair,
  LiveSample,
  ReadTraffic,
  StalenessEstimate,
  Traffic,
} from './live-sample.js';

export interface ClusterLive {
  /** Its name; empty while no node has told anything. */
  readonly cluster: string;
  /** Of the latest sample, in Unix milliseconds. */
  readonly atMs: number;
  /** Of the node that is furthest: the highest epoch holds. */
  readonly policy: LivePolicy | undefined;
  readonly nodes: readonly NodeLive[];
  readonly levels: readonly LevelSample[];
  readonly counterfactual: Counterfactual;
  /** The calibration error is the average over the nodes, weighted by their reads. */
  readonly staleness: readonly StalenessEstimate[];
  readonly links: readonly (LiveLink & { readonly node: string })[];
  readonly hints: readonly (LiveHints & { readonly node: string })[];
  readonly conflicts: LiveConflicts;
}

/** A node, from outside. */
export interface NodeLive {
  /** host:port at which it is watched. */
  readonly address: string;
  /** Undefined until it has told anything. */
  readonly node: string | undefined;
  /** `silent`: it has not told anything for a while. What it told before is not in the picture. */
  readonly state: 'up' | 'silent';
  readonly ready: boolean;
  readonly uptimeSeconds: number | undefined;
  readonly inFlightRequests: number | undefined;
  readonly repair: LiveRepair | undefined;
}

/** A node and what it told last; no sample: it is silent. */
export interface Watched {
  readonly address: string;
  readonly node: string | undefined;
  readonly sample: LiveSample | undefined;
}

export function clusterLive(watched: readonly Watched[]): ClusterLive {
  const samples = watched.map(({ sample }) => sample).filter((sample) => sample !== undefined);
  const furthest = samples.reduce<LiveSample | undefined>(
    (best, sample) => (best === undefined || isFurther(sample.policy, best.policy) ? sample : best),
    undefined,
  );
  return {
    cluster: furthest?.cluster ?? '',
    atMs: Math.max(0, ...samples.map(({ atMs }) => atMs)),
    policy: furthest?.policy,
    nodes: watched.map(nodeLive),
    levels: LEVELS.map((_, index) =>
      mergedLevel(
        samples.map(({ levels }) => levels[index]!),
        index,
      ),
    ),
    counterfactual: mergedCounterfactual(samples.map(({ counterfactual }) => counterfactual)),
    staleness: LEVELS.map((_, index) =>
      mergedEstimate(
        samples.map(({ staleness }) => staleness[index]!),
        index,
      ),
    ),
    links: samples.flatMap(({ node, links }) => links.map((link) => ({ node, ...link }))),
    hints: samples.flatMap(({ node, hints }) => hints.map((hint) => ({ node, ...hint }))),
    conflicts: {
      kept: sum(samples, ({ conflicts }) => conflicts.kept),
      recorded: sum(samples, ({ conflicts }) => conflicts.recorded),
      recordedNow: sum(samples, ({ conflicts }) => conflicts.recordedNow),
    },
  };
}

/** A cluster is settled only once all its nodes are. */
function isFurther(a: LivePolicy, b: LivePolicy): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : !a.settled && b.settled;
}

function nodeLive({ address, node, sample }: Watched): NodeLive {
  return {
    address,
    node: sample?.node ?? node,
    state: sample === undefined ? 'silent' : 'up',
    ready: sample?.ready === true,
    uptimeSeconds: sample?.uptimeSeconds,
    inFlightRequests: sample?.inFlightRequests,
    repair: sample?.repair,
  };
}

function mergedLevel(levels: readonly LevelSample[], index: number): LevelSample {
  const reads = levels.map((one) => one.reads);
  const merged: ReadTraffic = {
    ...mergedTraffic(reads),
    checked: sum(reads, (one) => one.checked),
    stale: sum(reads, (one) => one.stale),
  };
  return { level: LEVELS[index]!, reads: merged, writes: mergedTraffic(levels.map((one) => one.writes)) };
}

function mergedTraffic(traffic: readonly Traffic[]): Traffic {
  const errors: Record<string, number> = {};
  for (const one of traffic)
    for (const [code, count] of Object.entries(one.errors)) errors[code] = (errors[code] ?? 0) + count;
  return {
    count: sum(traffic, (one) => one.count),
    perSecond: sum(traffic, (one) => one.perSecond),
    latency: mergeLatencies(traffic.map((one) => one.latency)),
    errors,
    degraded: sum(traffic, (one) => one.degraded),
  };
}

function mergedCounterfactual(parts: readonly Counterfactual[]): Counterfactual {
  const replicas = new Map<string, CounterfactualReads[]>();
  for (const part of parts)
    for (const { node, reads } of part.replicas) replicas.set(node, [...(replicas.get(node) ?? []), reads]);
  return {
    share: Math.max(0, ...parts.map(({ share }) => share)),
    windowSeconds: Math.max(0, ...parts.map(({ windowSeconds }) => windowSeconds)),
    reads: sum(parts, ({ reads }) => reads),
    writes: sum(parts, ({ writes }) => writes),
    levels: LEVELS.map((level, index) => ({
      level,
      reads: mergedReads(parts.map(({ levels }) => levels[index]!.reads)),
      writes: mergedWrites(parts.map(({ levels }) => levels[index]!.writes)),
    })),
    replicas: [...replicas]
      .map(([node, reads]) => ({ node, reads: mergedReads(reads) }))
      .sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

function mergedReads(reads: readonly CounterfactualReads[]): CounterfactualReads {
  const answered = sum(reads, (one) => one.answered);
  const stale = sum(reads, (one) => one.stale);
  return {
    asked: sum(reads, (one) => one.asked),
    answered,
    stale,
    staleShare: answered === 0 ? undefined : stale / answered,
    versionsBehind: mergedBehind(reads, (one) => one.versionsBehind),
    msBehind: mergedBehind(reads, (one) => one.msBehind),
    latency: mergeLatencies(reads.map((one) => one.latency)),
    repairs: sum(reads, (one) => one.repairs),
  };
}

function mergedBehind(reads: readonly CounterfactualReads[], of: (one: CounterfactualReads) => Behind): Behind {
  const behind = reads.filter(({ stale }) => stale > 0);
  const count = sum(behind, ({ stale }) => stale);
  if (count === 0) return {};
  const total = sum(behind, (one) => (of(one).mean ?? 0) * one.stale);
  return { mean: total / count, max: Math.max(...behind.map((one) => of(one).max ?? 0)) };
}

function mergedWrites(writes: readonly CounterfactualWrites[]): CounterfactualWrites {
  return {
    asked: sum(writes, (one) => one.asked),
    answered: sum(writes, (one) => one.answered),
    latency: mergeLatencies(writes.map((one) => one.latency)),
  };
}

function mergedEstimate(estimates: readonly StalenessEstimate[], index: number): StalenessEstimate {
  const level = LEVELS[index]!;
  const known = estimates.filter(({ predicted }) => predicted !== undefined);
  const reads = sum(known, (one) => one.reads);
  if (reads === 0) return { level, reads };
  const average = (of: (one: StalenessEstimate) => number | undefined): number =>
    sum(known, (one) => (of(one) ?? 0) * one.reads) / reads;
  return {
    level,
    reads,
    predicted: average((one) => one.predicted),
    measured: average((one) => one.measured),
    calibrationError: average((one) => one.calibrationError),
  };
}

function sum<T>(parts: readonly T[], of: (part: T) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}
