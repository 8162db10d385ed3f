/** Everything that is decided about a run before it starts. A plan and its seed determine the run to the bit. */
import type { Level } from '../../src/core/level.js';
import type { Policy } from '../../src/core/policy.js';

export type ClientKind = 'get' | 'put' | 'cas' | 'create' | 'delete';

/** `after`: how many operations have been invoked when it happens. */
export type Fault =
  | {
      readonly kind: 'partition';
      readonly name: string;
      readonly cut: readonly string[];
      readonly stall: boolean;
      readonly after: number;
      readonly forMs: number;
    }
  | { readonly kind: 'crash'; readonly nodes: readonly string[]; readonly after: number; readonly forMs: number }
  | { readonly kind: 'pause'; readonly node: string; readonly after: number; readonly forMs: number }
  | {
      readonly kind: 'slow disk';
      readonly node: string;
      readonly writeMs: number;
      readonly after: number;
      readonly forMs: number;
    }
  | { readonly kind: 'lose link'; readonly from: string; readonly to: string; readonly after: number }
  | { readonly kind: 'jump'; readonly node: string; readonly byMs: number; readonly after: number }
  | { readonly kind: 'drift'; readonly node: string; readonly ppm: number; readonly after: number }
  /** No faults, but as disturbing: a deletion is to be forgotten, the policy is to be changed. */
  | { readonly kind: 'collect'; readonly node: string; readonly key: string; readonly after: number }
  | { readonly kind: 'policy'; readonly node: string; readonly policy: Policy; readonly after: number };

export interface Workload {
  /** Weights. */
  readonly kinds: Readonly<Record<ClientKind, number>>;
  readonly levels: Readonly<Record<Level, number>>;
  /** How often what is written expires. */
  readonly expiring: number;
  readonly thinkMs: number;
  readonly timeoutMs: { readonly low: number; readonly high: number };
  /** How often one operation is sent to a second coordinator at once, or again some time later. */
  readonly hedges: number;
  readonly retries: number;
  readonly lateCopies: number;
  /** How many of the clients go through a session of their own; none unless told. */
  readonly sessions?: number;
  /** How many of the clients know one node only, and its clock; none unless told. */
  readonly pinned?: number;
  /** Between a client and a node. */
  readonly clientDelayMs: number;
  readonly clientDrop: number;
}

export interface Plan {
  readonly seed: number;
  readonly nodes: readonly string[];
  readonly replicas: number;
  readonly policy: Policy;
  /** How old deletions must be before they are forgotten. */
  readonly graceMs: number;
  readonly keys: readonly string[];
  /** Somebody scans meanwhile; the lasting keys are written before anything else, and never deleted. */
  readonly scan?: { readonly lasting: readonly string[]; readonly pageRecords: number };
  readonly clients: readonly { readonly name: string; readonly operations: number }[];
  readonly workload: Workload;
  readonly scheduler: { readonly kind: 'timing' } | { readonly kind: 'micro-step'; readonly hurry: number };
  readonly network: {
    readonly delayMs: number;
    readonly drop: number;
    readonly duplicate: number;
    readonly lostWithLink: number;
    readonly ordered: boolean;
  };
  /** Frames and records pass through the codecs of production, or as objects. */
  readonly codecs: boolean;
  readonly disk: { readonly writeMs: number; readonly readMs: number };
  readonly cacheBytesMax: number;
  /** How far each node's clock is off at the beginning. */
  readonly clockOffsetMs: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
}
