import test from 'ava';
import fc from 'fast-check';
import { compareBallots, NO_BALLOT, sameBallot, type Ballot } from '../../src/core/ballot.js';
import { emptyRecord, type Record } from '../../src/core/register.js';
import { QuorumRead, type ReadStep } from '../../src/core/quorum-read.js';
import { State } from '../../src/core/state.js';
import type { ReplyOrSilence } from '../../src/core/peer-message.js';
import { ballotAt, stateWith } from './operations.js';

const replicas = ['a', 'b', 'c', 'd', 'e'];
const SAME: ReplyOrSilence = { kind: 'same' };
const GONE: ReplyOrSilence = { kind: 'unreachable' };

/** Replica `a` reads; what it holds is given as a time, 0 for nothing. */
function recordAt(time: number): Record {
  if (time === 0) return emptyRecord(NO_BALLOT);
  return { promised: ballotAt(time), accepted: ballotAt(time), state: stateAt(time), maxOpTime: 0 };
}

const states = new Map<number, State>();
function stateAt(time: number): State {
  const known = states.get(time) ?? State.absent(time);
  states.set(time, known);
  return known;
}

const held = (time: number): Ballot => (time === 0 ? NO_BALLOT : ballotAt(time));
const found = (time: number): ReplyOrSilence => ({
  kind: 'found',
  accepted: held(time),
  state: time === 0 ? null : stateAt(time),
});

interface Begin {
  readonly size?: number;
  readonly required?: number;
  readonly consistent?: boolean;
  readonly own?: number;
}

function begin({ size = 3, required = 2, consistent = true, own = 10 }: Begin = {}): QuorumRead {
  const read = new QuorumRead({ replicas: replicas.slice(0, size), required, consistent });
  read.begin('a', recordAt(own));
  read.ask(replicas.slice(1, size));
  return read;
}

test('the same ballot from a majority is returned after one round', (t) => {
  const read = begin();
  t.is(read.onReply('b', SAME)?.do, 'finish');
  t.like(read.result, { accepted: ballotAt(10), state: stateAt(10), holding: 0b011, answered: 0b011 });
  t.is(read.rounds, 1);
});

test('nothing and nothing are the same: an absent key is read in one round', (t) => {
  const read = begin({ own: 0 });
  t.is(read.onReply('b', SAME)?.do, 'finish');
  t.like(read.result, { accepted: NO_BALLOT, state: null });
});

test('one answer is not a majority', (t) => {
  const read = begin({ size: 5, required: 3 });
  t.is(read.onReply('b', SAME), undefined);
  t.is(read.onReply('b', SAME), undefined);
});

test('answers that disagree bring the highest ballot and its state to all', (t) => {
  const read = begin({ own: 20 });
  const step = read.onReply('b', found(10));
  t.like(step, { do: 'repair', ballot: ballotAt(20), state: stateAt(20) });
  const other = begin({ own: 10 });
  t.like(other.onReply('b', found(20)), { do: 'repair', ballot: ballotAt(20), state: stateAt(20) });
});

test('a newer ballot with an older version wins: reads order by ballot (D2)', (t) => {
  const read = begin({ own: 10 });
  const state = stateWith(stateAt(20), { version: { ...stateAt(20).version, time: 1 } });
  t.like(read.onReply('b', { kind: 'found', accepted: ballotAt(20), state }), { do: 'repair', state });
});

test('one replica that holds something and one that holds nothing disagree', (t) => {
  t.like(begin({ own: 0 }).onReply('b', found(10)), { do: 'repair', ballot: ballotAt(10) });
  t.like(begin({ own: 10 }).onReply('b', found(0)), { do: 'repair', ballot: ballotAt(10) });
});

function repairing(options: Begin = {}): QuorumRead {
  const read = begin({ size: 3, ...options });
  for (const name of replicas.slice(1, options.required ?? 2)) read.onReply(name, found(20));
  if (!read.repairing) throw new Error('the read was to be repairing');
  return read;
}

test('a repair counts from nothing: only a majority of real accepts ends it', (t) => {
  const read = repairing();
  t.is(read.onReply('b', { kind: 'accepted' }), undefined);
  t.is(read.onReply('c', { kind: 'accepted' })?.do, 'finish');
  t.is(read.result.holding, 0b110);
  t.is(read.rounds, 2);
});

test('a replica that holds a later write is no accept of the repair (D6)', (t) => {
  const read = repairing();
  t.is(read.onReply('b', { kind: 'accepted' }), undefined);
  t.is(read.onReply('c', { kind: 'nack', promised: ballotAt(30), accepted: ballotAt(30) }), undefined);
  t.is(read.onReply('a', { kind: 'nack', promised: ballotAt(30), accepted: ballotAt(30) })?.do, 'identity');
});

test('a repair refused by promises becomes an identity round', (t) => {
  const read = repairing();
  const refused: ReplyOrSilence = { kind: 'nack', promised: ballotAt(90), accepted: ballotAt(10) };
  t.is(read.onReply('a', refused), undefined);
  t.is(read.onReply('b', refused)?.do, 'identity');
});

test('ALL waits for every replica, and takes a later write there as its acknowledgement (rule 10)', (t) => {
  const read = repairing({ required: 3 });
  t.is(read.onReply('a', { kind: 'accepted' }), undefined);
  t.is(read.onReply('b', { kind: 'accepted' }), undefined);
  t.is(read.onReply('c', { kind: 'nack', promised: ballotAt(30), accepted: ballotAt(30) })?.do, 'finish');
  t.like(read.result, { holding: 0b011, answered: 0b111 });
});

test('ALL does not end on two of three that agree', (t) => {
  const read = begin({ required: 3 });
  t.is(read.onReply('b', SAME), undefined);
  t.is(read.onReply('c', SAME)?.do, 'finish');
});

test('the newest of a majority is enough where consistency was not asked for', (t) => {
  const read = begin({ own: 10, consistent: false });
  t.is(read.onReply('b', found(20))?.do, 'finish');
  t.like(read.result, { accepted: ballotAt(20), state: stateAt(20), holding: 0b010, answered: 0b011 });
});

test('a silent replica makes the read ask the others', (t) => {
  const read = new QuorumRead({ replicas: ['a', 'b', 'c'], required: 2, consistent: true });
  read.begin('a', recordAt(10));
  read.ask(['b']);
  t.deepEqual([...read.unasked], ['c']);
  t.is(read.onReply('b', GONE)?.do, 'spread');
  read.ask(['c']);
  t.is(read.onReply('c', SAME)?.do, 'finish');
});

test('it fails when too few are left to answer', (t) => {
  const read = begin();
  t.is(read.onReply('b', GONE), undefined);
  t.is(read.onReply('c', { kind: 'refused', code: 'OVERLOADED' })?.do, 'fail');
});

test('strangers count for nothing', (t) => {
  const read = begin({ size: 3 });
  t.is(read.onReply('x', SAME), undefined);
});

/** The rule for the first round, said over the whole list of answers so far. */
function expectedStep(own: number, answers: readonly (number | null)[], required: number): ReadStep['do'] | undefined {
  const times = [own, ...answers.filter((answer) => answer !== null)];
  const highest = Math.max(...times);
  if (times.filter((time) => time === highest).length >= required) return 'finish';
  return times.length >= required ? 'repair' : undefined;
}

test('the first round ends as counting all answers by hand says', (t) => {
  const anyTime = fc.constantFrom(0, 10, 20, 30);
  const anyAnswers = fc.array(fc.option(anyTime), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(anyTime, anyAnswers, fc.constantFrom(3, 5), (own, answers, required) => {
      const read = begin({ size: 5, required, own });
      const seen: (number | null)[] = [];
      for (const [index, answer] of answers.entries()) {
        seen.push(answer);
        const reply = answer === null ? GONE : answer === own ? SAME : found(answer);
        const step: ReadStep | undefined = read.onReply(replicas[index + 1]!, reply);
        const failed = seen.filter((gone) => gone === null).length > 5 - required;
        t.is(step?.do, expectedStep(own, seen, required) ?? (failed ? 'fail' : undefined));
        if (step === undefined) continue;
        const highest = Math.max(own, ...seen.map((time) => time ?? 0));
        if (step.do !== 'fail') t.true(sameBallot(read.result.accepted, held(highest)));
        return;
      }
    }),
    { numRuns: 500 },
  );
});

test('what a finished repair returns is held by a majority that accepted it', (t) => {
  const anyReply = fc.constantFrom('accepted', 'later', 'refused', 'gone');
  fc.assert(
    fc.property(fc.shuffledSubarray(replicas.slice(0, 5)), fc.array(anyReply, { minLength: 5 }), (order, kinds) => {
      const read = repairing({ size: 5, required: 3 });
      let accepts = 0;
      for (const [index, name] of order.entries()) {
        const kind = kinds[index]!;
        if (kind === 'accepted') accepts += 1;
        const later = ballotAt(kind === 'later' ? 30 : 10);
        const reply: ReplyOrSilence =
          kind === 'accepted'
            ? { kind }
            : kind === 'gone'
              ? GONE
              : { kind: 'nack', promised: ballotAt(90), accepted: later };
        const step = read.onReply(name, reply);
        t.is(step?.do === 'finish', accepts >= 3);
        if (step !== undefined) break;
      }
      t.true(compareBallots(read.result.accepted, ballotAt(20)) === 0);
    }),
  );
});
