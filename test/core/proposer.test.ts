import test from 'ava';
import { BALLOT_SUB_MAX, NO_BALLOT, successor, type Ballot } from '../../src/core/ballot.js';
import { latencyState } from '../../src/core/mutation.js';
import { emptyRecord } from '../../src/core/register.js';
import type { State } from '../../src/core/state.js';
import { sameState } from '../../src/core/state.js';
import { versionOf } from '../../src/core/version.js';
import { ballotAt, deleteOperation, putOperation, text, stateWith } from './operations.js';
import {
  ACCEPTED,
  afterPut,
  identityRound,
  newProposer,
  nextStep,
  OTHER,
  promise,
  recordOf,
  refused,
  SELF,
  superseded,
  THIRD,
  UNREACHABLE,
} from './proposers.js';

const P = ballotAt(100);
const B = ballotAt(500);

test('the owner goes on in one round: one accept, above what it holds by one', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  const step = nextStep(proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900), 'accept');
  t.deepEqual(step.ballot, successor(P));
  t.is(text(step.state.value), 'w');
  t.deepEqual(step.state.owner, SELF);
  t.deepEqual(step.state.version, versionOf(successor(P), 0));
});

const notOwned: readonly (readonly [string, () => State | null])[] = [
  ['no state', () => null],
  ['a blind state', () => stateWith(afterPut(P, 'v'), { blind: true })],
  ['a state without an owner', () => stateWith(afterPut(P, 'v'), { owner: null })],
  ['another owner', () => stateWith(afterPut(P, 'v'), { owner: OTHER })],
  [
    'an earlier run of this node as owner',
    () => stateWith(afterPut(P, 'v'), { owner: { ...SELF, incarnation: 'e'.repeat(16) } }),
  ],
];
for (const [what, state] of notOwned) {
  test(`a key with ${what} is not written by the owner path`, (t) => {
    const record = state() === null ? emptyRecord(NO_BALLOT) : recordOf(P, state()!);
    t.is(newProposer([putOperation(300, 'w')]).beginAsOwner(record, 900), undefined);
  });
}

test('a promise above the successor closes the owner path, the successor itself does not', (t) => {
  const record = recordOf(P, afterPut(P, 'v'));
  const begin = (promised: Ballot) => newProposer([putOperation(300, 'w')]).beginAsOwner({ ...record, promised }, 900);
  t.is(begin(successor(P))?.do, 'accept');
  t.is(begin(successor(successor(P))), undefined);
});

test('an operation that was sent under its own ballot takes the owner path only above it', (t) => {
  const record = recordOf(P, afterPut(P, 'v'));
  const above = newProposer([putOperation(300, 'w', { form: 'latency' })]);
  t.is(above.beginAsOwner(record, 900), undefined);
  const below = newProposer([putOperation(60, 'w', { form: 'latency' })]);
  t.is(below.beginAsOwner(record, 900)?.do, 'accept');
});

test('a key whose ballots are used up is prepared afresh', (t) => {
  const last = { ...P, sub: BALLOT_SUB_MAX };
  t.is(newProposer([putOperation(300, 'w')]).beginAsOwner(recordOf(last, afterPut(last, 'v')), 900), undefined);
});

test('the owner answers a replay after committing the same state at the successor', (t) => {
  const put = putOperation(50, 'v');
  const base = afterPut(P, 'v');
  const proposer = newProposer([put]);
  const step = nextStep(proposer.beginAsOwner(recordOf(P, base), 900), 'accept');
  t.is(step.state, base);
  t.like(proposer.outcomes[0], { kind: 'applied', replayed: true });
  proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900);
  t.is(proposer.onReply(proposer.attempt, 'n2', ACCEPTED, 900)?.do, 'finish');
});

test('a majority of real accepts is final', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900);
  t.is(proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n3', ACCEPTED, 900)?.do, 'finish');
  t.is(proposer.failure, undefined);
  t.is(proposer.acceptedMask, 0b101);
  t.is(proposer.rounds, 1);
});

test('"superseded" is no accept: the owner falls back to the slow path (D6)', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900);
  proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900);
  t.is(proposer.onReply(proposer.attempt, 'n2', superseded(B), 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n3', superseded(B), 900)?.do, 'retry');
  t.true(proposer.mayHaveApplied(0));
  t.deepEqual(proposer.seen, B);
});

test('a late accept of an earlier attempt is not counted for a later one', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900);
  const first = proposer.attempt;
  proposer.onReply(first, 'n1', ACCEPTED, 900);
  t.is(proposer.onAttemptTimeout()?.do, 'retry');
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(P, afterPut(P, 'v')), 900);
  t.is(proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900)?.do, 'accept');
  t.is(proposer.onReply(first, 'n2', ACCEPTED, 900), undefined);
  t.is(proposer.onReply(first, 'n3', ACCEPTED, 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n2', ACCEPTED, 900)?.do, 'finish');
});

test('a promise counts only while preparing, an accept only while accepting', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.prepare(B);
  t.is(proposer.onReply(proposer.attempt, 'n1', ACCEPTED, 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n2', ACCEPTED, 900), undefined);
  t.is(proposer.acceptedMask, 0);
});

test('one promise is not a majority, two are', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  t.deepEqual(proposer.prepare(B), { do: 'prepare', ballot: B });
  t.is(proposer.onReply(proposer.attempt, 'n1', promise(NO_BALLOT, null), 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n1', promise(NO_BALLOT, null), 900), undefined);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(NO_BALLOT, null), 900), 'accept');
  t.deepEqual(step.ballot, B);
});

test('the slow path adopts the state with the highest accepted ballot, not the newest version (D2)', (t) => {
  const low = afterPut(ballotAt(90), 'newer version, lower ballot');
  const high = afterPut(ballotAt(10), 'older version, higher ballot');
  const proposer = newProposer([]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(ballotAt(90), low), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(ballotAt(95), high), 900), 'accept');
  t.is(step.state, high);
  t.deepEqual(step.state.version, versionOf(ballotAt(10), 0));
});

test('a put that a reader committed before is looked up, not applied again (D1)', (t) => {
  const put = putOperation(50, 'v');
  const proposer = newProposer([put]);
  const later = afterPut(ballotAt(110), 'w', afterPut(P, 'v'));
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(ballotAt(110), later), 900);
  t.is(proposer.onReply(proposer.attempt, 'n3', promise(ballotAt(110), later), 900)?.do, 'finish');
  t.like(proposer.outcomes[0], { kind: 'applied', replayed: true, version: versionOf(P, 0) });
  t.is(text(proposer.chosen.state.value), 'w');
});

test('a replay is committed first where the majority disagrees', (t) => {
  const put = putOperation(50, 'v');
  const proposer = newProposer([put]);
  const state = afterPut(P, 'v');
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(P, state), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(NO_BALLOT, null), 900), 'accept');
  t.is(step.state, state);
  t.like(proposer.outcomes[0], { replayed: true });
});

test('a blind state is adopted with the floor raised to every operation time the majority knows', (t) => {
  const blind = latencyState(putOperation(90, 'v', { form: 'latency' }));
  const proposer = newProposer([putOperation(150, 'w')]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(ballotAt(90), blind, { maxOpTime: 90 }), 900);
  const late = promise(NO_BALLOT, null, { maxOpTime: 200 });
  nextStep(proposer.onReply(proposer.attempt, 'n3', late, 900), 'accept');
  t.deepEqual(proposer.outcomes, [{ kind: 'too-old', floor: 200 }]);
  t.false(proposer.chosen.state.blind);
  t.is(proposer.chosen.state.windowFloor, 200);
});

test('a state that was not blind keeps its own floor', (t) => {
  const proposer = newProposer([putOperation(150, 'w')]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v'), { maxOpTime: 200 }), 900);
  proposer.onReply(proposer.attempt, 'n3', promise(P, afterPut(P, 'v'), { maxOpTime: 200 }), 900);
  t.like(proposer.outcomes[0], { kind: 'applied' });
});

test('where nothing was accepted, the floor is the largest operation time reported', (t) => {
  const proposer = newProposer([putOperation(150, 'w')]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(NO_BALLOT, null, { maxOpTime: 150 }), 900);
  proposer.onReply(proposer.attempt, 'n3', promise(NO_BALLOT, null), 900);
  t.deepEqual(proposer.outcomes, [{ kind: 'too-old', floor: 150 }]);
});

test('the new owner is the primary with the incarnation it reported', (t) => {
  const proposer = newProposer([putOperation(300, 'w')], { self: THIRD });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(P, afterPut(P, 'v'), { incarnation: '7'.repeat(16) }), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(P, afterPut(P, 'v')), 900), 'accept');
  t.deepEqual(step.state.owner, { node: 'n1', incarnation: '7'.repeat(16) });
});

test('the new owner is this node where the primary did not reply', (t) => {
  const proposer = newProposer([putOperation(300, 'w')], { self: THIRD });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(P, afterPut(P, 'v')), 900), 'accept');
  t.deepEqual(step.state.owner, THIRD);
});

test('an identity round keeps owner, version, weak and window', (t) => {
  const state = stateWith(afterPut(P, 'v'), { owner: OTHER, weak: true });
  const step = nextStep(identityRound(promise(P, state), promise(NO_BALLOT, null)), 'accept');
  t.true(sameState(step.state, state));
  t.deepEqual(step.ballot, B);
});

test('an identity round that the whole majority agrees on needs no accept', (t) => {
  const state = afterPut(P, 'v');
  t.is(identityRound(promise(P, state), promise(P, state))?.do, 'finish');
});

test('replies that disagree are settled by an accept, also when nothing changes', (t) => {
  t.is(identityRound(promise(P, afterPut(P, 'v')), promise(ballotAt(90), afterPut(ballotAt(90), 'u')))?.do, 'accept');
});

test('a failed compare-and-set is accepted by a majority before it is answered', (t) => {
  const proposer = newProposer([putOperation(300, 'w', { expect: 'absent' })]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(P, afterPut(P, 'v')), 900), 'accept');
  t.like(proposer.outcomes[0], { kind: 'mismatch' });
  t.is(step.state.window.size, 2);
  t.false(proposer.mayHaveApplied(0));
});

test('whether an operation may have been applied is remembered for each of a batch, and never forgotten', (t) => {
  const operations = [putOperation(300, 'a', { expect: 'absent' }), deleteOperation(301), putOperation(302, 'c')];
  const proposer = newProposer(operations, { mayHaveApplied: [false, false, true] });
  t.deepEqual(
    [0, 1, 2].map((index) => proposer.mayHaveApplied(index)),
    [false, false, true],
  );
  proposer.beginAsOwner(recordOf(P, afterPut(P, 'v')), 900);
  t.deepEqual(
    [0, 1, 2].map((index) => proposer.mayHaveApplied(index)),
    [false, true, true],
  );
  proposer.onAttemptTimeout();
  t.deepEqual(
    [0, 1, 2].map((index) => proposer.mayHaveApplied(index)),
    [false, true, true],
  );
});

test('a duplicate of this prepare, nacked by its own ballot, is ignored', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.prepare(B);
  t.is(proposer.onReply(proposer.attempt, 'n1', refused(B), 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n2', refused(B), 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n1', refused(ballotAt(600)), 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n2', refused(ballotAt(700)), 900)?.do, 'retry');
  t.deepEqual(proposer.seen, ballotAt(700));
});

test('a majority that cannot be reached fails before anything was sent, and says so', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', UNREACHABLE, 900);
  t.is(proposer.onReply(proposer.attempt, 'n3', UNREACHABLE, 900)?.do, 'finish');
  t.is(proposer.failure, 'unavailable');
  t.false(proposer.mayHaveApplied(0));
});

test('refusals by fast ballots that leave no majority are told from others', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n2', { kind: 'skew', clock: 1 }, 900);
  t.false(proposer.skewed);
  t.is(proposer.onReply(proposer.attempt, 'n3', { kind: 'skew', clock: 1 }, 900)?.do, 'retry');
  t.true(proposer.skewed);
  t.is(proposer.giveUpSkewed().do, 'finish');
  t.is(proposer.failure, 'skew');
});

test('an alarm stops the round', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  proposer.prepare(B);
  t.is(proposer.onReply(proposer.attempt, 'n2', { kind: 'alarm', reason: 'test' }, 900)?.do, 'finish');
  t.is(proposer.failure, 'alarm');
});

test('a deadline before the batch is chosen is a timeout, after it an end', (t) => {
  const waiting = newProposer([putOperation(300, 'w')]);
  waiting.prepare(B);
  t.is(waiting.onDeadline()?.do, 'finish');
  t.is(waiting.failure, 'timeout');
  t.is(waiting.onDeadline(), undefined);
});

test('strangers and an attempt that never began say nothing', (t) => {
  const proposer = newProposer([putOperation(300, 'w')]);
  t.is(proposer.onReply(0, 'n1', ACCEPTED, 900), undefined);
  t.is(proposer.onAttemptTimeout(), undefined);
  proposer.prepare(B);
  t.is(proposer.onReply(proposer.attempt, 'x', promise(NO_BALLOT, null), 900), undefined);
});
