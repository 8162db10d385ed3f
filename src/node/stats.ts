/** Counters of one node, cheap enough for every request; a metrics adapter reads them when it is scraped. */
import type { CounterfactualTally } from '../core/counterfactual-tally.js';
import type { ErrorCode } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { StalenessEstimate } from '../core/live-sample.js';
import type { Verdict } from '../core/peer-liveness.js';
import type { OperationKind } from '../core/receipt.js';
import type { PolicyStand } from '../core/repair-message.js';

/** Upper bounds of the latency buckets in seconds; one more bucket holds everything above. */
export const LATENCY_BOUNDS_SECONDS = [
  0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5,
] as const;

export interface RequestStats {
  readonly operation: OperationKind;
  readonly level: Level;
  readonly outcome: 'ok' | ErrorCode;
  readonly count: number;
  readonly secondsSum: number;
  /** Not cumulative; one longer than the bounds. */
  readonly buckets: readonly number[];
}

/** Answered with success although the level could not be met. */
export interface DegradedStats {
  readonly operation: OperationKind;
  readonly level: Level;
  readonly count: number;
}

export interface PeerStats {
  readonly id: string;
  readonly reachable: boolean;
  readonly verdict: Verdict;
  /** Undefined while the link is down. */
  readonly phi: number | undefined;
  /** Since the last answer; undefined where there never was one. */
  readonly heardMsAgo: number | undefined;
  /** Undefined until a heartbeat was answered. */
  readonly roundTripMs: number | undefined;
  /** The peer's clock minus ours; undefined until a heartbeat was answered. */
  readonly clockOffsetMs: number | undefined;
  readonly queuedBytes: number;
}

/** What repair is doing, and what it has done since the start. */
export interface RepairStats extends AntiEntropyStats {
  readonly hints: HintTotals;
  /** Entries of the conflict ledger that this node has made. */
  readonly conflicts: number;
  /** Those that the ledger holds now. */
  readonly conflictsKept: number;
  /** Of what has to be settled here for a stronger policy, what is done, 0 to 1; 1 where nothing has to be. */
  readonly settlingProgress: number;
  /** Tombstones that this node has had removed everywhere. */
  readonly collected: number;
}

export interface HintTotals {
  /** By the node that they are kept for. */
  readonly targets: readonly { readonly target: string; readonly hints: number; readonly bytes: number }[];
  /** Kept now, for all targets together. */
  readonly kept: number;
  readonly keptBytes: number;
  readonly delivered: number;
  readonly expired: number;
}

export interface AntiEntropyStats {
  /** Whether the Merkle trees are built; until then nothing is compared. */
  readonly treesComplete: boolean;
  /** Keys read to build them. */
  readonly keysScanned: number;
  /** The peer that is being compared with now. */
  readonly comparing: string | undefined;
  /** The share of the keys that is known to be the same there, 0 to 1. */
  readonly progress: number;
  readonly comparisons: number;
  /** Physical time in milliseconds of the last comparison with each peer that left nothing out. */
  readonly comparedAtMs: Readonly<{ [peer: string]: number }>;
  readonly pushed: number;
  readonly pulled: number;
  readonly settled: number;
}

/** What every choice would have given, and who looks on. */
export interface LiveStats {
  readonly degraded: readonly DegradedStats[];
  /** Of the requests that are sampled, 0 to 1. */
  readonly share: number;
  /** Since the start. */
  readonly counterfactual: CounterfactualTally;
  /** Of the last while. */
  readonly staleness: readonly StalenessEstimate[];
  readonly stand: PolicyStand;
  readonly watchers: number;
  readonly watchersDropped: number;
}

export interface NodeStats {
  readonly requests: readonly RequestStats[];
  readonly peers: readonly PeerStats[];
  readonly inFlightRequests: number;
  readonly inFlightBytes: number;
  readonly forwarded: number;
  readonly ownerRounds: number;
  readonly slowRounds: number;
  /** Tombstones written for values that had expired and that nobody had read. */
  readonly expiredSwept: number;
  readonly repair: RepairStats;
  readonly live: LiveStats;
  readonly commits: number;
  readonly recordsCommitted: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly cachedBytes: number;
}
