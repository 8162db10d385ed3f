/** What the tour needs: a real cluster whose links can be cut. */
import type { Policy } from '../../core/policy.js';
import type { Caller, Operator } from '../ports.js';

export interface TourStage {
  readonly nodes: readonly string[];
  /** A caller beside this node, who asks no other one. */
  caller(node: string): Caller;
  /** Cuts every link between these nodes and the others. */
  drawApart(nodes: readonly string[]): Promise<void>;
  heal(): Promise<void>;
  changePolicy(policy: Policy): Promise<void>;
  readonly operator: Pick<Operator, 'policy' | 'conflicts'>;
  readonly clock: { monotonicMs(): number };
}

/** One thing that really happened, for a person and for a program. */
export interface TourFact {
  readonly text: string;
  /** It is what a caller has to be warned of. */
  readonly isWarning: boolean;
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
}

export interface TourStep {
  readonly title: string;
  /** What is done and why, in a few sentences. */
  readonly lead: string;
  perform(stage: TourStage, notes: TourNotes): Promise<TourFact[]>;
}

/** What one step leaves to the next ones. */
export interface TourNotes {
  /** A key that the node which is cut off holds a copy of. */
  key?: string;
  /** What was written on the two sides. */
  sides?: { readonly alone: string; readonly others: string };
}
