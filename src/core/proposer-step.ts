/** What a proposer tells its shell to do: effects as data, performed by node/proposal. */
import type { Ballot } from './ballot.js';
import type { State } from './state.js';

export type Step =
  /** Accept here, in this same turn (rule 6b), and only then send to every other replica. */
  | { readonly do: 'accept'; readonly ballot: Ballot; readonly state: State }
  | { readonly do: 'prepare'; readonly ballot: Ballot }
  /** The round failed: again with a fresh ballot after a random pause, unless the deadline has passed. */
  | { readonly do: 'retry' }
  /**
   * Level ALL, chosen, but a higher promise keeps some replica from accepting it: an identity round brings
   * them up, as repair does (rule 16); never the change again (rule 10). An identity round that meets such a
   * promise itself is retried.
   */
  | { readonly do: 'catch-up' }
  | { readonly do: 'finish' };

/** Why a proposer ended without its batch being chosen. */
export type Failure = 'unavailable' | 'skew' | 'alarm' | 'timeout';
