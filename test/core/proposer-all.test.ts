import test from 'ava';
import type { Proposer } from '../../src/core/proposer.js';
import { ballotAt, putOperation } from './operations.js';
import {
  ACCEPTED,
  afterPut,
  newProposer,
  nextStep,
  promise,
  recordOf,
  refused,
  SKEW,
  superseded,
  UNREACHABLE,
} from './proposers.js';

const P = ballotAt(100);

/** ALL, on the owner path, chosen by n1 and n2. */
function chosen(): Proposer {
  const proposer = newProposer([putOperation(300, 'w')], { waitForAll: true });
  proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900);
  proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900);
  if (proposer.onReply(proposer.attempt, 'n2', ACCEPTED, 900) !== undefined) throw new Error('ended too early');
  return proposer;
}

test('ALL is chosen by a majority first, and then waits for the rest', (t) => {
  const proposer = chosen();
  t.true(proposer.isChosen);
  t.is(proposer.onReply(proposer.attempt, 'n3', ACCEPTED, 900)?.do, 'finish');
  t.is(proposer.acknowledgedMask, 0b111);
});

test('a replica that holds a later write acknowledges ALL, without being a copy', (t) => {
  const proposer = chosen();
  t.is(proposer.onReply(proposer.attempt, 'n3', superseded(ballotAt(700)), 900)?.do, 'finish');
  t.is(proposer.acknowledgedMask, 0b111);
  t.is(proposer.acceptedMask, 0b011);
});

test('a promise in the way of ALL is met by an identity round, never by running the change again', (t) => {
  const proposer = chosen();
  nextStep(proposer.onReply(proposer.attempt, 'n3', refused(ballotAt(700)), 900), 'catch-up');
  t.is(proposer.rounds, 1);
  t.is(proposer.onReply(proposer.attempt, 'n3', refused(ballotAt(800)), 900), undefined);
  t.is(proposer.onCaughtUp(0b101)?.do, 'finish');
  t.is(proposer.acknowledgedMask, 0b111);
  t.is(proposer.acceptedMask, 0b011);
});

test('where the identity round fails, ALL ends with those that acknowledged', (t) => {
  const proposer = chosen();
  nextStep(proposer.onReply(proposer.attempt, 'n3', refused(ballotAt(700)), 900), 'catch-up');
  t.is(proposer.onCaughtUp(0)?.do, 'finish');
  t.is(proposer.failure, undefined);
  t.is(proposer.acknowledgedMask, 0b011);
});

test('ALL ends with those that acknowledged when the rest cannot be reached', (t) => {
  const proposer = chosen();
  t.is(proposer.onReply(proposer.attempt, 'n3', UNREACHABLE, 900)?.do, 'finish');
  t.is(proposer.failure, undefined);
  t.is(proposer.acknowledgedMask, 0b011);
});

test('a replica whose clock refuses the ballot is not waited for, and starts no identity round', (t) => {
  const proposer = chosen();
  t.is(proposer.onReply(proposer.attempt, 'n3', SKEW, 900)?.do, 'finish');
  t.is(proposer.failure, undefined);
  t.is(proposer.acknowledgedMask, 0b011);
});

test('an identity round at ALL that meets a promise is tried again with a ballot above it', (t) => {
  const proposer = newProposer([], { waitForAll: true });
  const state = afterPut(P, 'v');
  proposer.prepare(ballotAt(500));
  proposer.onReply(proposer.attempt, 'n1', promise(P, state), 900);
  nextStep(proposer.onReply(proposer.attempt, 'n2', promise(P, state), 900), 'accept');
  proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900);
  proposer.onReply(proposer.attempt, 'n2', ACCEPTED, 900);
  nextStep(proposer.onReply(proposer.attempt, 'n3', refused(ballotAt(700)), 900), 'retry');
  t.deepEqual(proposer.seen, ballotAt(700));
  t.false(proposer.isFinished);
});

for (const [what, end] of [
  ['attempt', (proposer: Proposer) => proposer.onAttemptTimeout()],
  ['deadline', (proposer: Proposer) => proposer.onDeadline()],
] as const) {
  test(`ALL that is chosen ends as applied when the ${what} is over`, (t) => {
    const proposer = chosen();
    t.is(end(proposer)?.do, 'finish');
    t.is(proposer.failure, undefined);
    t.like(proposer.outcomes[0], { kind: 'applied' });
  });
}

test('"superseded" does not choose: ALL needs its majority of real accepts too', (t) => {
  const proposer = newProposer([putOperation(300, 'w')], { waitForAll: true });
  proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900);
  proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900);
  proposer.onReply(proposer.attempt, 'n2', superseded(ballotAt(700)), 900);
  t.is(proposer.onReply(proposer.attempt, 'n3', superseded(ballotAt(700)), 900)?.do, 'retry');
});

test('a replay at ALL is sent to every replica, also where a majority agrees', (t) => {
  const proposer = newProposer([putOperation(50, 'v')], { waitForAll: true });
  const state = afterPut(P, 'v');
  proposer.prepare(ballotAt(500));
  proposer.onReply(proposer.attempt, 'n1', promise(P, state), 900);
  t.is(proposer.onReply(proposer.attempt, 'n2', promise(P, state), 900)?.do, 'accept');
});

test('the operations of a batch share one state and are told apart by index', (t) => {
  const proposer = newProposer([putOperation(300, 'a'), putOperation(301, 'b')]);
  const step = nextStep(proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900), 'accept');
  const [first, second] = proposer.outcomes;
  t.like(first, { kind: 'applied', version: { ...step.state.version, index: 0 } });
  t.like(second, { kind: 'applied', version: { ...step.state.version, index: 1 } });
});
