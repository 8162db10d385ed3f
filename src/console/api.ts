/** What the console's server and its page tell each other. Types only: the page imports this file too. */
import type { ErrorCode } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Policy } from '../core/policy.js';
import type { Guarantee } from '../core/receipt.js';

/** `silent`: the process runs but does not answer. `starting`: it was told to start and is not ready yet. */
export type NodeState = 'up' | 'not-ready' | 'paused' | 'silent' | 'down' | 'starting';

export interface NodeView {
  readonly id: string;
  readonly address: string;
  readonly pid: number | null;
  readonly state: NodeState;
  /** Milliseconds added to each of its links, 0 where none are. */
  readonly slowMs: number;
}

/** `cut` and `slow` were injected here; `lost`: the two do not hear each other for whatever reason. */
export type LinkState = 'up' | 'cut' | 'slow' | 'lost';

export interface LinkView {
  readonly a: string;
  readonly b: string;
  readonly state: LinkState;
  /** The last heartbeat's, in milliseconds; absent where none came. */
  readonly roundTripMs?: number | undefined;
  readonly slowMs: number;
}

export interface FaultView {
  readonly id: number;
  /** `partition`, `cut`, `slow`, `process` and `policy` (a change, which ends when it has settled). */
  readonly kind: 'partition' | 'cut' | 'slow' | 'process' | 'policy';
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  /** Absent while it lasts. */
  readonly toMs?: number | undefined;
}

export interface LoadSettings {
  readonly running: boolean;
  /** Operations a second, all callers together. */
  readonly ratePerSecond: number;
  /** Share of reads, 0 to 1; the rest are writes. */
  readonly readShare: number;
  /** `EACH`: every level in turn. */
  readonly level: Level | 'EACH';
}

/** Answered and refused calls at one level in some stretch of time; latencies are the callers'. */
export interface LevelFigures {
  readonly answered: number;
  readonly failed: number;
  /** Answered, with a receipt that says `degraded`. */
  readonly degraded: number;
  readonly reads: number;
  /** Reads that did not show the newest write acknowledged before they began. */
  readonly stale: number;
  /** Mean over the stale reads: how many versions, and for how many milliseconds, a newer one had been there. */
  readonly staleVersions?: number | undefined;
  readonly staleMs?: number | undefined;
  /** Milliseconds; absent where nothing was answered. */
  readonly p50?: number | undefined;
  readonly p90?: number | undefined;
  readonly p99?: number | undefined;
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  /** How many answers vouched for what. */
  readonly guarantees: Readonly<Partial<Record<Guarantee, number>>>;
}

export type PerLevel<T> = Readonly<Record<Level, T>>;

/** One second of the charts. */
export interface SecondView {
  /** When it ended, in milliseconds since 1970. */
  readonly atMs: number;
  readonly levels: PerLevel<LevelFigures>;
}

/** What a level would have given the reads that nodes sampled lately, whatever they were asked at. */
export interface WouldHave {
  /** Reads that were sampled. */
  readonly asked: number;
  /** Milliseconds, from the coordinator's side; absent where nothing was sampled, like the shares. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly staleShare: number | undefined;
  readonly answeredShare: number | undefined;
  /** Predicted from the delays of messages (probabilistically bounded staleness), and how far that was off. */
  readonly predictedStaleShare: number | undefined;
  readonly calibrationError: number | undefined;
}

export interface HappeningView {
  readonly id: number;
  readonly atMs: number;
  readonly kind: 'answer' | 'weak' | 'stale' | 'error' | 'operator';
  readonly level?: Level | undefined;
  /** A sentence for a person. */
  readonly text: string;
  /** How many in a row said the same. */
  readonly times: number;
}

export interface ConflictView {
  readonly key: string;
  readonly atMs: number;
  /** `certain`: the winner did not know the write. `possible`: it may have. */
  readonly certainty: 'certain' | 'possible';
  readonly lost: string;
  readonly kept: string;
}

/** `idle`: nothing to judge yet. */
export type CanaryVerdict = 'valid' | 'invalid' | 'undecided' | 'idle';

export interface CanaryView {
  /** What the receipts called linearizable, judged as such. */
  readonly claims: CanaryVerdict;
  /** Every answer judged as if it had been called linearizable. */
  readonly plain: CanaryVerdict;
  /** Operations judged, of those vouched for as linearizable, and refused or unanswered ones. */
  readonly operations: number;
  readonly vouched: number;
  readonly failed: number;
  /** The stretch of time that was judged, in seconds. */
  readonly seconds: number;
  /** The first thing that no order explains. */
  readonly explanation?: string | undefined;
}

export interface ClusterView {
  readonly name: string;
  readonly replicas: number;
  readonly policy: Policy;
  /** While a stronger policy is being settled, nothing is called linearizable. */
  readonly settling: boolean;
  /** Whether links pass proxies and can be cut and slowed. */
  readonly canCut: boolean;
}

/** The whole picture, sent every second and at every change. */
export interface ConsoleView {
  /** Milliseconds since 1970, by the server's clock. */
  readonly nowMs: number;
  readonly cluster: ClusterView;
  readonly nodes: readonly NodeView[];
  readonly links: readonly LinkView[];
  /** The nodes drawn apart from the others; empty where there is no partition. */
  readonly apart: readonly string[];
  readonly faults: readonly FaultView[];
  readonly load: LoadSettings;
  /** The last ten seconds. */
  readonly levels: PerLevel<LevelFigures>;
  readonly wouldHave: PerLevel<WouldHave>;
  readonly recent: readonly HappeningView[];
  readonly conflicts: readonly ConflictView[];
  readonly conflictCount: number;
  readonly canary: CanaryView;
  readonly tour: TourView;
}

export interface TourView {
  readonly steps: readonly { readonly title: string; readonly lead: string }[];
  /** The step that was begun last, from 0; absent before the first. */
  readonly step?: number | undefined;
  readonly isBusy: boolean;
  /** What really happened in it. */
  readonly facts: readonly { readonly text: string; readonly isWarning: boolean }[];
  /** Why it could not be finished. */
  readonly problem?: string | undefined;
}

/** What the page may ask for: the body of POST /api/control. */
export type Control =
  | { readonly do: 'cut' | 'mend'; readonly a: string; readonly b: string }
  | { readonly do: 'slow-link'; readonly a: string; readonly b: string; readonly ms: number }
  | { readonly do: 'slow'; readonly node: string; readonly ms: number }
  | { readonly do: 'partition'; readonly apart: readonly string[] }
  | { readonly do: 'kill' | 'pause' | 'resume' | 'restart'; readonly node: string }
  | { readonly do: 'heal' }
  | { readonly do: 'policy'; readonly policy: Policy }
  | { readonly do: 'load'; readonly settings: LoadSettings }
  | { readonly do: 'tour'; readonly step: number };

/** The names of the server-sent events. `notice`: the last thing a watcher hears that was too slow. */
export type EventName = 'view' | 'seconds' | 'notice';
