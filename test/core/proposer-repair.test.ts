import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { ballotAt, text } from './operations.js';
import { afterPut, newProposer, nextStep, promise, refused, UNREACHABLE } from './proposers.js';

const P = ballotAt(100);
const B = ballotAt(500);

test('an identity round adopts a seed that lies above everything the majority holds', (t) => {
  const seed = { ballot: ballotAt(200), state: afterPut(ballotAt(200), 'seed') };
  const proposer = newProposer([], { seed });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(P, afterPut(P, 'v')), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900), 'accept');
  t.is(text(step.state.value), 'seed');
});

test('a seed below what one of the majority holds is left out', (t) => {
  const seed = { ballot: ballotAt(50), state: afterPut(ballotAt(50), 'seed') };
  const proposer = newProposer([], { seed });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(NO_BALLOT, null), 900);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900), 'accept');
  t.is(text(step.state.value), 'v');
});

test('a seed at or below the floor of one of the majority may be what was collected, and is left out', (t) => {
  const seed = { ballot: ballotAt(200), state: afterPut(ballotAt(200), 'seed') };
  const proposer = newProposer([], { seed });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(NO_BALLOT, null), 900);
  const step = proposer.onReply(proposer.attempt, 'n2', promise(NO_BALLOT, null, { floor: ballotAt(200) }), 900);
  nextStep(step, 'finish');
  t.is(proposer.chosen.state.value, null);
});

test('a repair waits for the promise of the replica whose record it repairs', (t) => {
  const proposer = newProposer([], { mustHear: 'n3' });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(P, afterPut(P, 'v')), 900);
  t.is(proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900), undefined);
  const later = ballotAt(300);
  const step = nextStep(proposer.onReply(proposer.attempt, 'n3', promise(later, afterPut(later, 'w')), 900), 'accept');
  t.is(text(step.state.value), 'w');
});

test('a repair whose replica refuses is tried again', (t) => {
  const proposer = newProposer([], { mustHear: 'n3' });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(P, afterPut(P, 'v')), 900);
  proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900);
  t.is(proposer.onReply(proposer.attempt, 'n3', refused(ballotAt(700)), 900)?.do, 'retry');
});

test('a barrier adopts from the promises of all replicas and nothing less', (t) => {
  const proposer = newProposer([], { promises: 3 });
  proposer.prepare(B);
  proposer.onReply(proposer.attempt, 'n1', promise(P, afterPut(P, 'v')), 900);
  t.is(proposer.onReply(proposer.attempt, 'n2', promise(P, afterPut(P, 'v')), 900), undefined);
  t.is(proposer.onReply(proposer.attempt, 'n3', UNREACHABLE, 900)?.do, 'retry');
});
