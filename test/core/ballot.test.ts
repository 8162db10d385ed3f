import test from 'ava';
import fc from 'fast-check';
import {
  BALLOT_SUB_MAX,
  BALLOT_TIME_MAX,
  compareBallots,
  formatBallot,
  isNone,
  isWellFormed,
  maxBallot,
  NO_BALLOT,
  NODE_NAME_LENGTH_MAX,
  sameBallot,
  sameProcess,
  successor,
  type Ballot,
} from '../../src/core/ballot.js';
import { anyBallot, crowdedBallot } from './arbitraries.js';

const base: Ballot = { time: 5, node: 'm', incarnation: '5'.repeat(16), sub: 5 };

test('ballots are ordered by time, then node, then incarnation, then sub', (t) => {
  const ascending: Ballot[] = [
    { ...base, time: 4, node: 'z', incarnation: 'f'.repeat(16), sub: 9 },
    { ...base, node: 'l', incarnation: 'f'.repeat(16), sub: 9 },
    { ...base, incarnation: '4'.repeat(16), sub: 9 },
    { ...base, sub: 4 },
    base,
    { ...base, sub: 6 },
    { ...base, incarnation: '6'.repeat(16), sub: 0 },
    { ...base, node: 'n', incarnation: '0'.repeat(16), sub: 0 },
    { ...base, time: 6, node: 'a', incarnation: '0'.repeat(16), sub: 0 },
  ];
  for (const [i, a] of ascending.entries())
    for (const [j, b] of ascending.entries())
      t.is(Math.sign(compareBallots(a, b)), Math.sign(i - j), `${formatBallot(a)} beside ${formatBallot(b)}`);
});

test('the order of ballots is total: antisymmetric, transitive, equal only to itself', (t) => {
  fc.assert(
    fc.property(crowdedBallot, crowdedBallot, crowdedBallot, (a, b, c) => {
      t.is(Math.sign(compareBallots(a, b)), -Math.sign(compareBallots(b, a)) + 0);
      if (compareBallots(a, b) <= 0 && compareBallots(b, c) <= 0) t.true(compareBallots(a, c) <= 0);
      const equal = a.time === b.time && a.node === b.node && a.incarnation === b.incarnation && a.sub === b.sub;
      t.is(compareBallots(a, b) === 0, equal);
      t.is(sameBallot(a, b), equal);
    }),
  );
});

test('nothing lies between a ballot and its successor', (t) => {
  fc.assert(
    fc.property(crowdedBallot, crowdedBallot, (a, b) => {
      const next = successor(a);
      t.true(compareBallots(a, next) < 0);
      t.false(compareBallots(a, b) < 0 && compareBallots(b, next) < 0);
    }),
  );
});

test('the larger of two ballots is one of them and below neither', (t) => {
  fc.assert(
    fc.property(crowdedBallot, crowdedBallot, (a, b) => {
      const larger = maxBallot(a, b);
      t.true(larger === a || larger === b);
      t.true(compareBallots(larger, a) >= 0 && compareBallots(larger, b) >= 0);
    }),
  );
});

test('no ballot is below every ballot that may come from outside', (t) => {
  fc.assert(fc.property(anyBallot, (ballot) => compareBallots(NO_BALLOT, ballot) < 0 && !isNone(ballot)));
  t.true(isNone(NO_BALLOT));
  t.is(formatBallot(NO_BALLOT), 'none');
});

test('every ballot within the limits is well formed', (t) => {
  fc.assert(fc.property(anyBallot, isWellFormed));
  t.true(isWellFormed({ ...base, time: BALLOT_TIME_MAX, sub: BALLOT_SUB_MAX, node: 'x'.repeat(NODE_NAME_LENGTH_MAX) }));
});

const malformed: readonly (readonly [string, object])[] = [
  ['no time', { time: 0 }],
  ['a negative time', { time: -1 }],
  ['a fraction of a microsecond', { time: 1.5 }],
  ['NaN', { time: Number.NaN }],
  ['a time above the hard cap', { time: BALLOT_TIME_MAX + 1 }],
  ['an infinite time', { time: Infinity }],
  ['a time that is a text', { time: '5' }],
  ['a negative sub', { sub: -1 }],
  ['a sub above 32 bits', { sub: BALLOT_SUB_MAX + 1 }],
  ['a fractional sub', { sub: 0.5 }],
  ['no node', { node: '' }],
  ['a node that is not a text', { node: 7 }],
  ['a node with a long name', { node: 'x'.repeat(NODE_NAME_LENGTH_MAX + 1) }],
  ['a short incarnation', { incarnation: 'abc' }],
  ['an upper-case incarnation', { incarnation: 'A'.repeat(16) }],
  ['an incarnation with a line end', { incarnation: `${'a'.repeat(16)}\n` }],
  ['no incarnation', { incarnation: undefined }],
];

for (const [what, field] of malformed) {
  test(`a ballot with ${what} is malformed`, (t) => {
    t.false(isWellFormed({ ...base, ...field }));
  });
}

test('two runs of one node are different processes', (t) => {
  t.true(sameProcess(base, { node: 'm', incarnation: '5'.repeat(16) }));
  t.false(sameProcess(base, { node: 'm', incarnation: '6'.repeat(16) }));
  t.false(sameProcess(base, { node: 'n', incarnation: '5'.repeat(16) }));
});
