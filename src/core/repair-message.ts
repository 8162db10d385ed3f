/** What nodes ask each other in the background: for repair, tombstone collection and changes of the policy. */
import type { AcknowledgedWrite } from './acknowledged-writes.js';
import type { Ballot, Micros } from './ballot.js';
import type { TimedWrite } from './delay-book.js';
import type { KeyBallot } from './merkle-leaf.js';
import type { Policy } from './policy.js';
import type { State } from './state.js';

/** What a replica's record of one key says, without its value (rule 17). */
export interface Inspection {
  readonly promised: Ballot;
  readonly accepted: Ballot;
  readonly isTombstone: boolean;
  readonly maxOpTime: Micros;
}

export type RepairRequest =
  | { readonly kind: 'inspect'; readonly key: string }
  /** Rule 17: remove the record, and raise F, if `accepted` is what is there and nothing in it is from `before` or later. */
  | { readonly kind: 'collect'; readonly key: string; readonly accepted: Ballot; readonly before: Micros }
  /** Keep this write for a home replica that cannot be reached. */
  | {
      readonly kind: 'hint';
      readonly target: string;
      readonly key: string;
      readonly ballot: Ballot;
      readonly state: State;
    }
  /** Rule 16: a home replica runs an identity round, seeded with this state. */
  | { readonly kind: 'settle'; readonly key: string; readonly ballot: Ballot; readonly state: State }
  /** The digests of one's Merkle trees. */
  | { readonly kind: 'roots'; readonly groups: readonly string[] }
  | { readonly kind: 'children'; readonly group: string; readonly level: number; readonly nodes: readonly number[] }
  /** The keys in these leaves of a tree, with what is accepted under them. */
  | { readonly kind: 'leaves'; readonly group: string; readonly leaves: readonly number[] }
  /** Settle every key whose copies differ, for this epoch; asked again until it is done (rule 19). */
  | { readonly kind: 'barrier'; readonly epoch: number }
  /** Where the change of the policy stands at this node, and what the asker holds. */
  | { readonly kind: 'policy'; readonly stand: PolicyStand }
  /** Which writes of this key it has acknowledged lately, as their coordinator. */
  | { readonly kind: 'acknowledged'; readonly key: string };

export type RepairReply =
  | ({ readonly kind: 'inspected' } & Inspection)
  | { readonly kind: 'collected'; readonly removed: boolean }
  | { readonly kind: 'hinted'; readonly kept: boolean }
  | { readonly kind: 'settled'; readonly settled: boolean }
  | { readonly kind: 'policy'; readonly stand: PolicyStand }
  | { readonly kind: 'barrier'; readonly done: boolean; readonly permille: number; readonly keys: number }
  | { readonly kind: 'digests'; readonly digests: Uint32Array }
  | { readonly kind: 'keys'; readonly keys: readonly KeyBallot[] }
  /** And how long the last one took that it has timed. */
  | {
      readonly kind: 'acknowledged';
      readonly writes: readonly AcknowledgedWrite[];
      readonly timed: TimedWrite | null;
    }
  /** It could not be done now. */
  | { readonly kind: 'declined'; readonly reason: string };

/**
 * The epoch of a change that this node makes: above the present one, and never that of a change made by another node
 * at the same time.
 */
export function epochAfter(epoch: number, self: string, peers: readonly string[]): number {
  const nodes = [self, ...peers].sort();
  return (Math.floor(epoch / nodes.length) + 1) * nodes.length + nodes.indexOf(self);
}

/** The policy under which a node works, since which epoch, and whether its guarantees may be claimed yet (rule 19). */
export interface PolicyStand {
  readonly epoch: number;
  readonly policy: Policy;
  readonly settled: boolean;
}
