import test from 'ava';
import fc from 'fast-check';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { LatencyWrite } from '../../src/core/latency-write.js';
import type { ReplyOrSilence } from '../../src/core/peer-message.js';
import { ballotAt } from './operations.js';

const replicas = ['a', 'b', 'c'];
const own = ballotAt(50);

const answers = {
  accepted: { kind: 'accepted' },
  /** Holds a newer write. */
  superseded: { kind: 'nack', promised: ballotAt(60), accepted: ballotAt(60) },
  /** Has promised a newer ballot, holds nothing newer. */
  promised: { kind: 'nack', promised: ballotAt(60), accepted: NO_BALLOT },
  skew: { kind: 'skew', clock: 1 },
  overloaded: { kind: 'refused', code: 'OVERLOADED' },
  alarm: { kind: 'alarm', reason: 'test' },
  unreachable: { kind: 'unreachable' },
} as const satisfies Record<string, ReplyOrSilence>;
type Answer = keyof typeof answers;

/** What the write says after each of these answers, from a, b and c in turn. */
function steps(required: number, given: readonly Answer[]): { write: LatencyWrite; said: (string | undefined)[] } {
  const write = new LatencyWrite(replicas, own, required);
  const said = given.map((answer, index) => write.onReply(replicas[index]!, answers[answer])?.do);
  return { write, said };
}

const table: readonly { required: number; given: readonly Answer[]; said: readonly (string | undefined)[] }[] = [
  { required: 1, given: ['accepted'], said: ['finish'] },
  { required: 2, given: ['accepted', 'accepted'], said: [undefined, 'finish'] },
  { required: 3, given: ['accepted', 'accepted', 'accepted'], said: [undefined, undefined, 'finish'] },
  { required: 2, given: ['accepted', 'superseded'], said: [undefined, 'finish'] },
  { required: 1, given: ['promised', 'accepted'], said: [undefined, 'finish'] },
  { required: 2, given: ['promised', 'promised'], said: [undefined, 'prepare'] },
  { required: 2, given: ['promised', 'unreachable'], said: [undefined, 'prepare'] },
  { required: 2, given: ['unreachable', 'unreachable'], said: [undefined, 'fail'] },
  { required: 2, given: ['skew', 'overloaded'], said: [undefined, 'fail'] },
  { required: 3, given: ['alarm'], said: ['fail'] },
  { required: 3, given: ['promised'], said: ['prepare'] },
];
for (const { required, given, said } of table) {
  test(`${required} required, answered ${given.join(', ')}: ${said.at(-1)}`, (t) => {
    t.deepEqual(steps(required, given).said, [...said]);
  });
}

test('a superseded write says so, and counts no copy where the newer one is', (t) => {
  const { write } = steps(2, ['accepted', 'superseded']);
  t.true(write.superseded);
  t.is(write.acceptedMask, 0b001);
  t.is(write.acknowledgedMask, 0b011);
});

test('a promise above the write is no acknowledgement', (t) => {
  const { write } = steps(2, ['promised', 'promised']);
  t.is(write.acknowledgedMask, 0);
  t.false(write.superseded);
});

test('a refusal is no proof that a write was not applied: another copy of the message may have come before', (t) => {
  t.true(steps(1, ['overloaded', 'skew', 'promised']).write.mayHaveApplied);
});

test('where there is one replica, what it answers is the outcome', (t) => {
  const alone = (answer?: Answer): LatencyWrite => {
    const write = new LatencyWrite(['a'], own, 1);
    if (answer !== undefined) write.onReply('a', answers[answer]);
    return write;
  };
  for (const answer of [undefined, 'accepted', 'unreachable'] as const) t.true(alone(answer).mayHaveApplied);
  for (const answer of ['overloaded', 'alarm', 'promised'] as const) t.false(alone(answer).mayHaveApplied);
});

test('a replica that holds the write, and a promise above it, has accepted it', (t) => {
  const write = new LatencyWrite(replicas, own, 1);
  t.deepEqual(write.onReply('b', { kind: 'nack', promised: ballotAt(60), accepted: own }), { do: 'finish' });
  t.is(write.acceptedMask, 0b010);
});

test('strangers and whatever comes after the end say nothing', (t) => {
  const write = new LatencyWrite(replicas, own, 1);
  t.is(write.onReply('x', answers.accepted), undefined);
  t.is(write.acknowledgedMask, 0);
  t.is(write.onReply('a', answers.accepted)?.do, 'finish');
  t.is(write.onReply('b', answers.accepted), undefined);
});

test('it ends exactly when enough acknowledged, or too few are left that could', (t) => {
  const names = Object.keys(answers) as Answer[];
  const anyGiven = fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(anyGiven, fc.integer({ min: 1, max: 3 }), (given, required) => {
      const { said } = steps(required, given);
      const good = given.map((answer) => answer === 'accepted' || answer === 'superseded');
      const end = good.findIndex((_, index) => {
        const before = good.slice(0, index + 1);
        return before.filter(Boolean).length >= required || before.filter((ok) => !ok).length > 3 - required;
      });
      t.deepEqual(
        said.map((step) => step !== undefined),
        good.map((_, index) => index === end),
      );
      const enough = good.slice(0, end + 1).filter(Boolean).length >= required;
      t.is(said[end] === 'finish', enough);
    }),
  );
});
