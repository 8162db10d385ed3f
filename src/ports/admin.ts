/** What operators see of a node and ask of it, apart from the wire. */
import type { ProcessId } from '../core/ballot.js';
import type { Conflict } from '../core/conflict-ledger.js';
import type { Verdict } from '../core/peer-liveness.js';
import type { Policy } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import type { NodeAddress } from './pipe.js';

/** A node, as its Admin service shows it. */
export interface AdminService {
  status(): AdminStatus;
  /** Tells how it goes until `done` or `refused`; goes on when nobody listens any more. */
  changePolicy(policy: Policy, report: (progress: PolicyProgress) => void): void;
  /** A page of this node's conflict ledger, after the name `after` ('': from the beginning). */
  conflicts(after: string, limit: number, done: ConflictsDone): void;
}

/** `next`: where the following page begins; undefined: there is none. */
export type ConflictsDone = (error: Error | null, conflicts: readonly Conflict[], next: string | undefined) => void;

export interface AdminStatus {
  readonly cluster: string;
  readonly process: ProcessId;
  readonly replicas: number;
  readonly nodes: readonly NodeAddress[];
  readonly ready: boolean;
  readonly stand: PolicyStand;
  /** Of what has to be settled for a stronger policy, what this node has done, 0 to 1; 1 where nothing has to be. */
  readonly settlingProgress: number;
  readonly peers: readonly PeerStatus[];
  readonly repair: RepairStatus;
}

/** Another node, as this one sees it. */
export interface PeerStatus {
  readonly id: string;
  readonly verdict: Verdict;
  readonly reachable: boolean;
  /** Undefined until a heartbeat was answered, like the offset. */
  readonly roundTripMs: number | undefined;
  /** Its clock minus this node's. */
  readonly clockOffsetMs: number | undefined;
  /** Writes that this node keeps for it until it can be reached. */
  readonly hints: number;
  readonly hintBytes: number;
  /** Physical time of the last comparison with it that left nothing out; 0: none since the start. */
  readonly comparedAtMs: number;
}

/** What repair is doing, and what it has done since the process started. */
export interface RepairStatus {
  /** Whether the Merkle trees are built; until then nothing is compared. */
  readonly treesComplete: boolean;
  /** Keys read to build them. */
  readonly keysScanned: number;
  /** The peer that is being compared with now. */
  readonly comparing: string | undefined;
  /** The share of the keys that is known to be the same there, 0 to 1. */
  readonly progress: number;
  readonly comparisons: number;
  readonly pushed: number;
  readonly pulled: number;
  readonly settled: number;
  readonly hintsDelivered: number;
  readonly hintsExpired: number;
  /** Entries made in the conflict ledger. */
  readonly conflicts: number;
  /** Entries that the ledger holds now. */
  readonly conflictsKept: number;
  readonly tombstonesCollected: number;
}

export const POLICY_PHASES = ['announcing', 'settling', 'done', 'refused'] as const;
export type PolicyPhase = (typeof POLICY_PHASES)[number];

/** How a change of the policy is going, as told to whoever asked for it. */
export interface PolicyProgress {
  readonly phase: PolicyPhase;
  /** Of the node that was asked. */
  readonly stand: PolicyStand;
  /** Nodes that have not done yet what the phase asks of them. */
  readonly waitingFor: readonly string[];
  /** The share of the work that is settled, 0 to 1. */
  readonly settled: number;
  /** Keys whose copies differed. */
  readonly keys: number;
  /** Why it was refused. */
  readonly reason?: string;
}
