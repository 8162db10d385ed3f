/** What operators ask of nodes, and what they are told, apart from the wire. */
import type { Policy } from '../core/policy.js';
import type { PolicyPhase, RepairStatus, PeerStatus } from './admin.js';
import type { NodeAddress } from './pipe.js';

/** The Admin service of one node. Every call rejects with a FulcrumError. */
export interface AdminCalls {
  status(timeoutMs: number): Promise<NodeReport>;
  /** Resolves with the last step; ending the call, as by its timeout, does not end the change. */
  changePolicy(policy: Policy, timeoutMs: number, hear?: (step: PolicyStep) => void): Promise<PolicyStep>;
  /** A page of the node's conflict ledger, after the name `after`; '': from the beginning. */
  conflicts(after: string, limit: number, timeoutMs: number): Promise<ConflictPage>;
  close(): void;
}

/** What one node says of itself. */
export interface NodeReport {
  readonly cluster: string;
  readonly node: string;
  /** 64 random bits drawn when the process started, as 16 hexadecimal digits. */
  readonly incarnation: string;
  readonly replicas: number;
  readonly nodes: readonly NodeAddress[];
  /** The other nodes that it can reach now, by name. */
  readonly reachable: readonly string[];
  readonly ready: boolean;
  readonly policy: Policy;
  /** Rises with every change of the policy; the higher one holds. */
  readonly policyEpoch: number;
  /** Whether receipts claim what the policy promises: not while a stronger one is being settled. */
  readonly policySettled: boolean;
  /** Of what has to be settled for a stronger policy, what it has done, 0 to 1; 1 where nothing has to be. */
  readonly settlingProgress: number;
  readonly peers: readonly PeerStatus[];
  /** `comparing` is empty where it compares with nobody. */
  readonly repair: Omit<RepairStatus, 'comparing'> & { readonly comparing: string };
}

/** How a change of the policy goes; the last one is `done` or `refused`. */
export interface PolicyStep {
  readonly phase: PolicyPhase;
  readonly policy: Policy;
  readonly policyEpoch: number;
  /** Nodes that have not done yet what the phase asks of them. */
  readonly waitingFor: readonly string[];
  /** 0 to 1. */
  readonly settledShare: number;
  /** Keys whose copies differed. */
  readonly keys: number;
  /** Empty unless it was refused. */
  readonly reason: string;
}

/** One of the two writes of a conflict. */
export interface ReportedSide {
  /** Opaque, as in receipts. */
  readonly version: string;
  /** The node that coordinated the write, or the client that minted it. */
  readonly writer: string;
  readonly writtenAtMs: number;
  /** Undefined: a deletion, or a value too long to be kept whole. */
  readonly value: unknown;
  readonly deleted: boolean;
  /** Of the whole value. */
  readonly valueBytes: number;
}

/** A write that was acknowledged, or may have been, and that another one took the place of without knowing it. */
export interface ReportedConflict {
  readonly key: string;
  readonly discarded: ReportedSide;
  readonly winner: ReportedSide;
  /** False: the winner may have been made knowing the discarded write. */
  readonly certain: boolean;
  /** The nodes that held the discarded write: its side of a partition. */
  readonly heldBy: readonly string[];
  readonly seenAtMs: number;
}

export interface ConflictPage {
  readonly conflicts: readonly ReportedConflict[];
  /** Where the next page begins; empty: there is none. */
  readonly next: string;
}
