import { NO_BALLOT, type Ballot, type ProcessId } from '../../src/core/ballot.js';
import { applyOperations } from '../../src/core/mutation.js';
import type { Operation } from '../../src/core/operation.js';
import type { Promised } from '../../src/core/peer-message.js';
import { Proposer } from '../../src/core/proposer.js';
import type { ProposerOptions } from '../../src/core/proposer-options.js';
import type { Step } from '../../src/core/proposer-step.js';
import type { ReplyOrSilence } from '../../src/core/peer-message.js';
import type { Record } from '../../src/core/register.js';
import { State } from '../../src/core/state.js';
import { ballotAt, putOperation } from './operations.js';

export const SELF: ProcessId = { node: 'n1', incarnation: 'a'.repeat(16) };
export const OTHER: ProcessId = { node: 'n2', incarnation: 'b'.repeat(16) };
export const THIRD: ProcessId = { node: 'n3', incarnation: 'c'.repeat(16) };

export const ACCEPTED: ReplyOrSilence = { kind: 'accepted' };
export const UNREACHABLE: ReplyOrSilence = { kind: 'unreachable' };
export const SKEW: ReplyOrSilence = { kind: 'skew', clock: 1 };

/** The home replicas are n1, n2 and n3; n1 is the primary, and coordinates unless said otherwise. */
export function newProposer(operations: readonly Operation[], options: Partial<ProposerOptions> = {}): Proposer {
  return new Proposer({
    self: SELF,
    replicas: ['n1', 'n2', 'n3'],
    operations,
    waitForAll: false,
    windowSize: 8,
    lifetime: 1_000_000,
    ...options,
  });
}

/** What a put leaves, minted at half the ballot's time, owned by n1. */
export function afterPut(ballot: Ballot, value: string, base = State.absent(0)): State {
  const operations = [putOperation(ballot.time / 2, value)];
  return applyOperations(base, operations, { ballot, owner: SELF, now: 900, windowSize: 8, lifetime: 1_000_000 }).state;
}

export function recordOf(accepted: Ballot, state: State): Record {
  return { promised: accepted, accepted, state, maxOpTime: state.opTimeMax };
}

export function promise(accepted: Ballot, state: State | null, changes: Partial<Promised> = {}): Promised {
  const maxOpTime = state?.opTimeMax ?? 0;
  return { kind: 'promised', accepted, state, maxOpTime, incarnation: SELF.incarnation, floor: NO_BALLOT, ...changes };
}

/** Nacked by a promise; nothing newer is held there. */
export function refused(promised: Ballot): ReplyOrSilence {
  return { kind: 'nack', promised, accepted: NO_BALLOT };
}

/** Nacked by a newer accepted state. */
export function superseded(accepted: Ballot): ReplyOrSilence {
  return { kind: 'nack', promised: accepted, accepted };
}

export function nextStep<D extends Step['do']>(step: Step | undefined, expected: D): Extract<Step, { do: D }> {
  if (step?.do !== expected) throw new Error(`expected ${expected}, not ${step?.do ?? 'nothing'}`);
  return step as Extract<Step, { do: D }>;
}

/** The step after n2 and n3 have promised an identity round at 500. */
export function identityRound(second: Promised, third: Promised): Step | undefined {
  const proposer = newProposer([]);
  proposer.prepare(ballotAt(500));
  proposer.onReply(proposer.attempt, 'n2', second, 900);
  return proposer.onReply(proposer.attempt, 'n3', third, 900);
}
