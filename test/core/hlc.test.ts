import test from 'ava';
import fc from 'fast-check';
import { compareBallots, type Ballot } from '../../src/core/ballot.js';
import { BallotMint, HybridClock } from '../../src/core/hlc.js';

const BOUND = 500;
const self = { node: 'n1', incarnation: '0'.repeat(16) };

function newMint(): BallotMint {
  let drawn = 0;
  return new BallotMint(self, BOUND, () => (drawn += 1).toString(16).padStart(16, '0'));
}

test('the clock follows the physical one and never shows a time twice', (t) => {
  const clock = new HybridClock(BOUND);
  t.is(clock.tick(1_000), 1_000);
  t.is(clock.tick(1_000), 1_001);
  t.is(clock.tick(990), 1_002);
  t.is(clock.tick(2_000), 2_000);
});

test('the clock refuses to run ahead of the physical one by more than the bound', (t) => {
  const clock = new HybridClock(BOUND);
  t.is(clock.tick(1_000), 1_000);
  t.is(clock.tick(501), 1_001);
  t.is(clock.tick(501), undefined);
  t.is(clock.tick(502), 1_002);
});

test('a restarted clock begins at the physical one', (t) => {
  const clock = new HybridClock(BOUND);
  clock.tick(9_000);
  t.is(clock.restart(1_000), 1_000);
  t.is(clock.tick(1_000), 1_001);
});

test('a prepared ballot is above the clock and above what the key has seen, with sub 0', (t) => {
  const mint = newMint();
  t.deepEqual(mint.mint('k', 1_000), { ...self, time: 1_000, sub: 0 });
  t.is(mint.mint('k', 2_000, 7_000).time, 7_001);
  t.is(mint.mint('k', 2_500, 2_600).time, 7_002);
  t.is(mint.mint('k', 8_000, 7_900).time, 8_000);
});

test('a fast ballot seen on one key does not drag the clock of other keys', (t) => {
  const mint = newMint();
  mint.mint('fast', 1_000, 9_000_000);
  t.is(mint.mint('other', 1_001).time, 1_001);
  t.is(mint.mintAtClock('fast', 1_002, 0).time, 1_002);
});

test('at the clock, a ballot is above the operation but below what a faster clock has left', (t) => {
  const mint = newMint();
  mint.mint('k', 1_000, 9_000_000);
  t.is(mint.mintAtClock('k', 2_000, 2_300).time, 2_301);
});

test('after the physical clock has fallen back beyond the bound, ballots carry a new incarnation', (t) => {
  const mint = newMint();
  const before = mint.mint('k', 10_000);
  const after = mint.mint('k', 10_000 - BOUND - 1);
  t.is(before.incarnation, self.incarnation);
  t.not(after.incarnation, before.incarnation);
  t.is(after.time, 10_000 - BOUND - 1);
});

test('within the bound a physical clock that falls back changes nothing but the pace', (t) => {
  const mint = newMint();
  mint.mint('k', 10_000);
  const after = mint.mint('k', 10_000 - BOUND + 1);
  t.deepEqual(after, { ...self, time: 10_001, sub: 0 });
});

interface Call {
  readonly key: string;
  readonly physical: number;
  readonly above: number;
  readonly atClock: boolean;
}

const anyCall: fc.Arbitrary<Call> = fc.record({
  key: fc.constantFrom('a', 'b'),
  physical: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5_000 })),
  above: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9_000 })),
  atClock: fc.boolean(),
});

function mintAll(calls: readonly Call[]): { call: Call; ballot: Ballot }[] {
  const mint = newMint();
  return calls.map((call) => {
    const { key, physical, above, atClock } = call;
    return { call, ballot: atClock ? mint.mintAtClock(key, physical, above) : mint.mint(key, physical, above) };
  });
}

test('no ballot of a key is ever minted twice, whatever the clock does and however high others went', (t) => {
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 60 }), (calls) => {
      const minted = mintAll(calls);
      for (const [i, a] of minted.entries())
        for (const b of minted.slice(0, i)) if (a.call.key === b.call.key) t.not(compareBallots(a.ballot, b.ballot), 0);
    }),
    { numRuns: 500 },
  );
});

test('a ballot is always above what it had to be above', (t) => {
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 40 }), (calls) => {
      for (const { call, ballot } of mintAll(calls)) t.true(ballot.time > call.above && ballot.time >= call.physical);
    }),
  );
});

test('where nothing forces a ballot up, it is never above the physical clock plus the bound', (t) => {
  const unforced = anyCall.map((call) => ({ ...call, above: 0 }));
  fc.assert(
    fc.property(fc.array(unforced, { maxLength: 60 }), (calls) => {
      for (const { call, ballot } of mintAll(calls)) t.true(ballot.time <= call.physical + BOUND);
    }),
  );
});

test('keys written far ahead are forgotten once the clock has passed them, and still nothing is minted twice', (t) => {
  const mint = newMint();
  const seen = new Set<string>();
  for (let i = 0; i < 5_000; i += 1) {
    const key = `k${i % 1_500}`;
    const { time, incarnation } = mint.mint(key, 1_000 + i * 3, 1_000 + i * 3 + (i % 7));
    const name = `${key} ${time} ${incarnation}`;
    t.false(seen.has(name));
    seen.add(name);
  }
});
