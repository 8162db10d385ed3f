/**
 * One second in the life of one node, as it is told to whoever watches: `Admin.Watch` and the server-sent events of
 * `/live` carry exactly this, as messages and as JSON. Nothing in it grows with the number of keys or clients.
 *
 * Counts of `levels` are those of this second and of requests that clients sent to this node, whoever carried them
 * out, so the samples of all nodes together count every request once. What is sampled (`counterfactual`, `staleness`)
 * covers the last `windowSeconds`, because one second of one per cent says little.
 */
import type { Level } from './level.js';
import type { Verdict } from './peer-liveness.js';
import type { Policy } from './policy.js';

export interface LiveSample {
  readonly cluster: string;
  /** The node that tells this. */
  readonly node: string;
  /** 64 random bits of its process, as 16 hexadecimal digits: a restart shows as another one. */
  readonly incarnation: string;
  /** Rises by one each second while the process lives; a gap means that samples were not sent. */
  readonly sequence: number;
  /** The end of the second, in Unix milliseconds by the node's clock. */
  readonly atMs: number;
  /** How long the second was. */
  readonly seconds: number;
  readonly uptimeSeconds: number;
  /** Whether the node serves requests: it reaches a majority of the nodes and is not stopping. */
  readonly ready: boolean;
  readonly inFlightRequests: number;
  readonly policy: LivePolicy;
  /** ONE, QUORUM and ALL, in this order, also where nothing happened. */
  readonly levels: readonly LevelSample[];
  readonly counterfactual: Counterfactual;
  /** For each level, in the same order. */
  readonly staleness: readonly StalenessEstimate[];
  /** This node's links to the others. */
  readonly links: readonly LiveLink[];
  /** Writes kept here, one entry for each node they are kept for; empty where there are none. */
  readonly hints: readonly LiveHints[];
  readonly repair: LiveRepair;
  readonly conflicts: LiveConflicts;
}

export interface LivePolicy {
  readonly policy: Policy;
  /** Rises with every change of the policy. */
  readonly epoch: number;
  /** False while a stronger policy is being settled: nothing is called linearizable yet. */
  readonly settled: boolean;
  /** Of what has to be settled here for a stronger policy, what is done, 0 to 1; 1 where nothing has to be. */
  readonly settlingProgress: number;
  /** Of requests that name none. */
  readonly defaultLevel: Level;
}

export interface LevelSample {
  readonly level: Level;
  readonly reads: ReadTraffic;
  /** Puts and deletes, conditional ones included. */
  readonly writes: Traffic;
}

export interface Traffic {
  /** Requests answered with success. */
  readonly count: number;
  /** The same for each second. */
  readonly perSecond: number;
  readonly latency: Latency;
  /** Requests answered with an error, by its code. A condition that failed is an answer, and is not among them. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of those answered with success: under PA, the level could not be met. */
  readonly degraded: number;
}

export interface ReadTraffic extends Traffic {
  /** Reads answered at this level that were sampled and compared with all home replicas. */
  readonly checked: number;
  /** Of those: the answer missed a write that had been acknowledged before the read began. */
  readonly stale: number;
}

/** How long it took, from the request's arrival at the node to its answer. */
export interface Latency {
  /** Absent where there was nothing to measure. At most a sixteenth above the exact value, as all percentiles here. */
  readonly p50Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
  /** The whole distribution: `counts[i]` took less than `belowMs[i]` and no less than the bound before it. */
  readonly belowMs: readonly number[];
  readonly counts: readonly number[];
}

/**
 * What each choice would have given. For a sampled share of the requests that this node carries out, and after they
 * were answered, all home replicas are asked what they hold (reads), or their acknowledgements are timed (writes).
 */
export interface Counterfactual {
  /** The share of requests that is sampled, 0 to 1; 0: switched off. */
  readonly share: number;
  readonly windowSeconds: number;
  /** Requests sampled in the window. */
  readonly reads: number;
  readonly writes: number;
  /** For each level, in the order ONE, QUORUM, ALL. ONE: as this node's own replica would have answered. */
  readonly levels: readonly CounterfactualLevel[];
  /** ONE at each single replica, this node's own included, for reads of keys of which it is a home replica. */
  readonly replicas: readonly CounterfactualReplica[];
}

export interface CounterfactualLevel {
  readonly level: Level;
  readonly reads: CounterfactualReads;
  readonly writes: CounterfactualWrites;
}

export interface CounterfactualReplica {
  readonly node: string;
  /** Latency: until its answer had come back here; for this node's own replica, until it was known to be on disk. */
  readonly reads: CounterfactualReads;
}

export interface CounterfactualReads {
  /** Sampled. */
  readonly asked: number;
  /** Of those asked: enough replicas answered in time; the others would have failed. */
  readonly answered: number;
  /** Of those answered: missed a write that had been acknowledged before. */
  readonly stale: number;
  /** `stale` of `answered`; absent where nothing was answered. */
  readonly staleShare?: number | undefined;
  /** Of the stale ones: acknowledged writes that the answer missed, at least. */
  readonly versionsBehind: Behind;
  /** Of the stale ones: since when the answer was out of date. */
  readonly msBehind: Behind;
  readonly latency: Latency;
  /** Of those answered: replicas disagreed, so that a consistent read needs another round, which `latency` includes. */
  readonly repairs: number;
}

/** Absent where nothing was stale. */
export interface Behind {
  readonly mean?: number | undefined;
  readonly max?: number | undefined;
}

export interface CounterfactualWrites {
  /** Sampled. */
  readonly asked: number;
  /** Of those asked: so many replicas acknowledged in time that the level was reached. */
  readonly answered: number;
  /** Until it was reached. */
  readonly latency: Latency;
}

/**
 * How often a read misses an acknowledged write: predicted by probabilistically bounded staleness (Bailis et al.
 * 2012: delays of messages drawn from those measured), beside what was measured on the same reads.
 */
export interface StalenessEstimate {
  readonly level: Level;
  /** Sampled reads behind `measured`, and for which `predicted` was computed. */
  readonly reads: number;
  /** Shares of those reads, 0 to 1; absent where there are none, or no write was timed yet. */
  readonly predicted?: number | undefined;
  readonly measured?: number | undefined;
  /**
   * How far the prediction is off: the reads are put into classes by the time since the last acknowledged write of
   * their key, and the differences between predicted and measured share are averaged over the classes, weighted by
   * their reads (expected calibration error). 0: none; absent where the shares are.
   */
  readonly calibrationError?: number | undefined;
}

/** The link that this node opened to another one. */
export interface LiveLink {
  readonly peer: string;
  readonly state: Verdict;
  /** How surprising its silence is (phi-accrual); absent while the link is down. 8 and above counts as lost. */
  readonly phi?: number | undefined;
  /** Since the last answer; absent where there never was one. */
  readonly heardMsAgo?: number | undefined;
  /** Of the last heartbeat that was answered. */
  readonly roundTripMs?: number | undefined;
  /** The peer's clock minus this node's. */
  readonly clockOffsetMs?: number | undefined;
  readonly queuedBytes: number;
}

export interface LiveHints {
  readonly target: string;
  readonly kept: number;
  readonly keptBytes: number;
}

export interface LiveRepair {
  /** The peer with which Merkle trees are being compared; absent between comparisons. */
  readonly comparing?: string | undefined;
  /** The share of the keys that is known to be the same there, 0 to 1; 1 between comparisons. */
  readonly progress: number;
  /** Since the process started, as all counts here: whole comparisons, and keys mended by anti-entropy. */
  readonly comparisons: number;
  readonly mended: number;
  readonly hintsDelivered: number;
}

/** Acknowledged writes that lost against another one in a merge. */
export interface LiveConflicts {
  /** In this node's ledger now. */
  readonly kept: number;
  /** Listed by this node since its process started. */
  readonly recorded: number;
  /** Listed in this second. */
  readonly recordedNow: number;
}
