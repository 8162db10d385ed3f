/** What the console needs of the cluster it shows. Whoever starts it wires these to the real thing. */
import type { ClusterLive } from '../core/cluster-live.js';
import type { Level } from '../core/level.js';
import type { Policy } from '../core/policy.js';
import type { Receipt } from '../core/receipt.js';
import type { CanaryVerdict, ConflictView, NodeState } from './api.js';

export interface ConsoleCluster {
  readonly name: string;
  /** Home replicas of a key. */
  readonly replicas: number;
  readonly nodes: readonly { readonly id: string; readonly address: string }[];
  readonly observer: Observer;
  readonly processes: ProcessFaults;
  /** Undefined where links are direct: then only processes can be hurt. */
  readonly links: LinkFaults | undefined;
  readonly operator: Operator;
  /** What the nodes tell of themselves each second, put together. */
  live(): ClusterLive;
  /** A caller beside this node, who asks no other one. */
  caller(node: string): Caller;
}

export interface NodeObservation {
  readonly id: string;
  readonly pid: number | null;
  readonly state: Exclude<NodeState, 'starting'>;
  /** The other nodes, as this one hears them; empty where it does not answer. */
  readonly peers: readonly {
    readonly id: string;
    readonly reachable: boolean;
    readonly roundTripMs?: number | undefined;
  }[];
}

export interface Observer {
  observe(): Promise<readonly NodeObservation[]>;
}

/** Each resolves once it is so. */
export interface ProcessFaults {
  kill(node: string): Promise<void>;
  pause(node: string): Promise<void>;
  resume(node: string): Promise<void>;
  restart(node: string): Promise<void>;
}

/** Faults of links between two nodes, in both directions. Each resolves once it is so. */
export interface LinkFaults {
  cut(a: string, b: string): Promise<void>;
  /** Adds this delay to each direction. */
  slow(a: string, b: string, ms: number): Promise<void>;
  mend(a: string, b: string): Promise<void>;
}

export interface PolicyStatus {
  readonly policy: Policy;
  /** Whether receipts claim what it promises. */
  readonly isSettled: boolean;
}

/** What operators ask of nodes. Each rejects where none can be asked. */
export interface Operator {
  policy(): Promise<PolicyStatus>;
  /** Resolves once the whole cluster has the new policy and it has settled. */
  changePolicy(policy: Policy): Promise<void>;
  /** The newest entries of the conflict ledger, over all nodes, and how many there are. */
  conflicts(limit: number): Promise<{ readonly conflicts: readonly ConflictView[]; readonly count: number }>;
}

export interface Read {
  /** Undefined where the key has no value. */
  readonly value: unknown;
  readonly version: string | undefined;
  readonly receipt: Receipt;
}

export interface Written {
  readonly version: string;
  readonly receipt: Receipt;
}

/** Rejects with a FulcrumError. */
export interface Caller {
  readonly node: string;
  get(key: string, options: { readonly level?: Level; readonly allowStale?: boolean }): Promise<Read>;
  put(key: string, value: unknown, options: { readonly level?: Level; readonly ttlMs?: number }): Promise<Written>;
}

/** One operation of the canary, or its end, as the harness records histories. */
export interface CanaryEvent {
  readonly type: 'invoke' | 'ok' | 'fail' | 'unknown';
  readonly process: string;
  /** Milliseconds, monotonic. */
  readonly time: number;
  readonly key: string;
  readonly kind: 'get' | 'put';
  readonly value?: string | null;
  readonly version?: string;
  readonly code?: string;
  readonly receipt?: Receipt;
}

export interface Judgement {
  readonly verdict: Exclude<CanaryVerdict, 'idle'>;
  /** Operations that constrained it. */
  readonly checked: number;
  readonly explanation?: string;
}

/** Judges a history of one key, from its first operation on, as a linearizable register. */
export type Judge = (events: readonly CanaryEvent[]) => Judgement;

/** Time, passed in. */
export interface ConsoleClock {
  /** Milliseconds since 1970. */
  wallMs(): number;
  monotonicMs(): number;
}
