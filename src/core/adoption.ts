/** What a coordinator goes on from after a prepare round (PROTOCOL.md rules 7a and 16). */
import { compareBallots, maxBallot, NO_BALLOT, type Ballot } from './ballot.js';
import type { Promised } from './peer-message.js';
import { State } from './state.js';

/** A state known from elsewhere, under the ballot it was accepted with (rule 16). */
export interface Seed {
  readonly ballot: Ballot;
  readonly state: State;
}

/**
 * The state with the highest ACCEPTED ballot, its floor raised where it was written blind. A seed takes part if it lies
 * above every F of the majority: below one, it may be what tombstone collection has forgotten (D5).
 */
export function adopt(promises: readonly Promised[], seed?: Seed): { readonly accepted: Ballot; readonly base: State } {
  let best = promises[0]!;
  let maxOpTime = 0;
  for (const promise of promises) {
    if (compareBallots(promise.accepted, best.accepted) > 0) best = promise;
    maxOpTime = Math.max(maxOpTime, promise.maxOpTime);
  }
  const floor = promises.reduce((highest, promise) => maxBallot(highest, promise.floor), NO_BALLOT);
  const isSeeded = seed !== undefined && compareBallots(seed.ballot, maxBallot(best.accepted, floor)) > 0;
  const { accepted, state } = isSeeded ? { accepted: seed.ballot, state: seed.state } : best;
  if (state === null) return { accepted: NO_BALLOT, base: State.absent(maxOpTime) };
  if (!state.blind) return { accepted, base: state };
  return { accepted, base: state.with({ blind: false, windowFloor: Math.max(state.windowFloor, maxOpTime) }) };
}
