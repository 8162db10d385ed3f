import test from 'ava';
import fc from 'fast-check';
import { compareBallots, NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { HINT_OVERHEAD_BYTES } from '../../src/core/defaults.js';
import { HintBook, type Hint } from '../../src/core/hints.js';
import { crowdedBallot } from './arbitraries.js';
import { ballotAt } from './operations.js';

const TARGET = 'n3';
const COST = 1_000;

/** One that costs exactly COST. */
function hint(key: string, ballot: Ballot, storedAtMs = 0): Hint {
  return { key, ballot, bytes: COST - 2 * key.length - HINT_OVERHEAD_BYTES, storedAtMs };
}

function bookOf(hints: readonly Hint[], options = {}): HintBook {
  const book = new HintBook(options);
  for (const one of hints) book.add(TARGET, one);
  return book;
}

const keysOf = (hints: readonly Hint[]): string[] => hints.map(({ key }) => key);

test('of the hints for one key the one with the highest ballot is kept, in whatever order they come', (t) => {
  fc.assert(
    fc.property(fc.array(crowdedBallot, { minLength: 1, maxLength: 12 }), (ballots) => {
      const book = new HintBook();
      let highest = NO_BALLOT;
      for (const ballot of ballots) {
        const isNewer = compareBallots(ballot, highest) > 0;
        t.is(book.add(TARGET, hint('k', ballot)), isNewer ? 'store' : 'known');
        if (isNewer) highest = ballot;
      }
      t.deepEqual(book.next(TARGET, 0).hints, [hint('k', highest)]);
      t.is(book.stats(TARGET).bytes, COST);
    }),
  );
});

test('what does not fit is not kept, and anti-entropy is needed from then on', (t) => {
  const book = bookOf([hint('a', ballotAt(1)), hint('b', ballotAt(2))], { bytesMax: 2 * COST });
  t.false(book.needsAntiEntropy(TARGET));
  t.is(book.add(TARGET, hint('c', ballotAt(3))), 'overflow');
  t.true(book.needsAntiEntropy(TARGET));
  t.deepEqual(keysOf(book.next(TARGET, 0).hints), ['a', 'b']);
});

test('a newer hint takes the place of the older one, also where the book is full', (t) => {
  const book = bookOf([hint('a', ballotAt(1)), hint('b', ballotAt(2))], { bytesMax: 2 * COST });
  t.is(book.add(TARGET, hint('a', ballotAt(3))), 'store');
  t.false(book.needsAntiEntropy(TARGET));
  t.is(book.stats(TARGET).bytes, 2 * COST);
});

test('a newer hint that does not fit takes the older one with it', (t) => {
  const book = bookOf([hint('a', ballotAt(1)), hint('b', ballotAt(2))], { bytesMax: 2 * COST });
  t.is(book.add(TARGET, { ...hint('a', ballotAt(3)), bytes: 5 * COST }), 'overflow');
  t.deepEqual(keysOf(book.next(TARGET, 0).hints), ['b']);
});

test('a target has its own limit', (t) => {
  const book = bookOf([hint('a', ballotAt(1))], { bytesMax: COST });
  t.is(book.add('n4', hint('a', ballotAt(1))), 'store');
  t.deepEqual(book.targets(), [TARGET, 'n4']);
});

test('hints are sent oldest first, each once while no answer has come', (t) => {
  const book = bookOf([hint('b', ballotAt(2)), hint('a', ballotAt(1))]);
  t.deepEqual(keysOf(book.next(TARGET, 0).hints), ['b', 'a']);
  t.deepEqual(book.next(TARGET, 0), { hints: [], waitMs: null });
  t.false(book.ended(TARGET, 'b', ballotAt(2), 'failed'));
  t.deepEqual(keysOf(book.next(TARGET, 0).hints), ['b']);
});

test('a delivered hint is removed, and nothing is left of it', (t) => {
  const book = bookOf([hint('a', ballotAt(1))]);
  book.next(TARGET, 0);
  t.true(book.ended(TARGET, 'a', ballotAt(1), 'delivered'));
  t.deepEqual(book.stats(TARGET), { hints: 0, bytes: 0, needsAntiEntropy: false });
  t.deepEqual(book.targets(), []);
});

test('a hint that was replaced while it was sent stays until the newer one is delivered', (t) => {
  const book = bookOf([hint('a', ballotAt(1))]);
  book.next(TARGET, 0);
  book.add(TARGET, hint('a', ballotAt(2)));
  t.false(book.ended(TARGET, 'a', ballotAt(1), 'delivered'));
  t.deepEqual(book.next(TARGET, 0).hints, [hint('a', ballotAt(2))]);
  t.true(book.ended(TARGET, 'a', ballotAt(2), 'delivered'));
});

test('draining keeps its rate, whatever the sizes', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 50, maxLength: 50 }), (sizes) => {
      const book = new HintBook({ bytesPerSecond: 10_000 });
      sizes.forEach((bytes, index) => book.add(TARGET, { ...hint(`k${index}`, ballotAt(1)), bytes }));
      let sent = 0;
      let now = 0;
      for (;;) {
        const { hints, waitMs } = book.next(TARGET, now);
        // The burst, one hint that is larger than what was left, and rounding.
        const earlier = sent;
        for (const { bytes, key } of hints) sent += bytes + 2 * key.length + HINT_OVERHEAD_BYTES;
        if (hints.length > 0) t.true(earlier <= 2_501 + (now / 1_000) * 10_000);
        if (waitMs === null) break;
        t.true(waitMs > 0);
        now += waitMs;
      }
      const total = sizes.reduce((sum, bytes, index) => sum + bytes + 2 * `k${index}`.length + HINT_OVERHEAD_BYTES, 0);
      t.is(sent, total);
      t.true(now <= (total / 10_000) * 1_000 + sizes.length, `${now} ms for ${total} bytes`);
    }),
    { numRuns: 30 },
  );
});

test('a hint is forgotten after its lifetime, and anti-entropy is needed', (t) => {
  const book = bookOf([hint('a', ballotAt(1), 1_000), hint('b', ballotAt(2), 5_000)], { lifetimeMs: 10_000 });
  t.deepEqual(book.expired(10_999), []);
  t.deepEqual(book.expired(11_000), [{ target: TARGET, hint: hint('a', ballotAt(1), 1_000) }]);
  t.true(book.needsAntiEntropy(TARGET));
  t.deepEqual(keysOf(book.next(TARGET, 0).hints), ['b']);
});

test('what overflows while anti-entropy runs needs another one', (t) => {
  const book = bookOf([hint('a', ballotAt(1)), hint('b', ballotAt(1))], { bytesMax: COST });
  book.antiEntropyBegins(TARGET);
  t.false(book.needsAntiEntropy(TARGET));
  book.add(TARGET, hint('c', ballotAt(1)));
  t.true(book.needsAntiEntropy(TARGET));
  book.antiEntropyBegins(TARGET);
  book.antiEntropyFailed(TARGET);
  t.true(book.needsAntiEntropy(TARGET));
});

test('all hints of a target are dropped together', (t) => {
  const book = bookOf([hint('a', ballotAt(1)), hint('b', ballotAt(1))]);
  t.deepEqual(keysOf(book.forget(TARGET)), ['a', 'b']);
  t.deepEqual(book.targets(), []);
});
