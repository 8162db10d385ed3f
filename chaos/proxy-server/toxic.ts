/** What a toxic is: a kind with its attributes, on one stream of one proxy. */
import type { Flow } from './flow.js';

export type Direction = 'upstream' | 'downstream';

/** Whole numbers by name, as they stand in JSON. */
export type Attributes = Record<string, number>;

/** One way of being hurt. Each file of toxics/ holds one. */
export interface ToxicKind {
  /** Every attribute with its default. */
  readonly defaults: Attributes;
  /** Chunks that may wait in front of it; 1 by default. */
  readonly capacity?: number;
  /** Moves bytes until there are no more or it is interrupted. */
  pipe(flow: Flow, attributes: Attributes): Promise<void>;
  /** Whether taking it away ends the connections that it had hold of. */
  readonly closesWhenRemoved?: boolean;
  /** Whether the connections that begin under it end with a reset. */
  readonly resets?: boolean;
}

export interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly kind: ToxicKind;
  /** As it was written in the request. */
  readonly stream: string;
  readonly direction: Direction;
  /** The share of connections that it has an effect on, 0 to 1. */
  toxicity: number;
  readonly attributes: Attributes;
}
