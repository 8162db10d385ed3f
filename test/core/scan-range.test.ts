import test from 'ava';
import fc from 'fast-check';
import {
  boundProblem,
  endOfPrefix,
  isInRange,
  keyAfter,
  narrowed,
  publicRange,
  restAfter,
} from '../../src/core/key-range.js';
import { compareKeys } from '../../src/core/key-order.js';

const odd = ['\u0000', '\u007f', '\u0080', '\u07ff', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'a'];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 2 })), { maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((text) => text.isWellFormed());
const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('keys are compared as the bytes of their UTF-8 are', (t) => {
  fc.assert(
    fc.property(texts, texts, (a, b) => Math.sign(compareKeys(a, b)) === inBytes(a, b)),
    { numRuns: 5_000 },
  );
  t.true(compareKeys('\uffff', '\u{10000}') < 0, 'where UTF-16 has it the other way');
});

test('a prefix ends after everything that begins with it, and before everything else that is greater', (t) => {
  fc.assert(
    fc.property(texts, texts, (prefix, key) => {
      const range = { from: prefix, to: endOfPrefix(prefix), reverse: false };
      return isInRange(key, range) === key.startsWith(prefix) && isInRange(prefix + key, range);
    }),
    { numRuns: 5_000 },
  );
  t.is(endOfPrefix('a\u{10ffff}'), 'b');
  t.is(endOfPrefix('\ud7ff'), '\ue000');
  t.is(endOfPrefix('\u{10ffff}'), '');
  t.is(endOfPrefix(''), '');
});

test('nothing lies between a key and what comes after it', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(texts, texts, (key, other) => {
        const after = keyAfter(key);
        return inBytes(key, after) < 0 && !(inBytes(key, other) < 0 && inBytes(other, after) < 0);
      }),
    ),
  );
});

test('what is left after a key is all that follows it, either way', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(texts, texts, fc.boolean(), (through, key, reverse) => {
        const follows = reverse ? inBytes(key, through) < 0 : inBytes(key, through) > 0;
        const rest = restAfter({ from: '', to: '', reverse }, through);
        // '' is no key, and as an end it means that there is none.
        return through === '' || key === '' || isInRange(key, rest) === follows;
      }),
    ),
  );
});

test('two ranges narrow each other', (t) => {
  fc.assert(
    fc.property(texts, texts, texts, texts, texts, (from, to, otherFrom, otherTo, key) => {
      const one = { from, to, reverse: true };
      const other = { from: otherFrom, to: otherTo, reverse: false };
      return isInRange(key, narrowed(one, other)) === (isInRange(key, one) && isInRange(key, other));
    }),
  );
  t.deepEqual(narrowed({ from: 'a', to: '', reverse: true }, { from: 'b', to: 'c' }), {
    from: 'b',
    to: 'c',
    reverse: true,
  });
});

test('keys of the cluster itself are in no range', (t) => {
  t.deepEqual(publicRange({ from: '', to: '', reverse: false }), { from: '\u0001', to: '', reverse: false });
  t.deepEqual(publicRange({ from: 'a', to: 'b', reverse: true }), { from: 'a', to: 'b', reverse: true });
  t.is(publicRange({ from: '\0claim/', to: '\0claim0', reverse: false }), undefined);
});

test('a bound is a text, of whole characters, no longer than what follows the longest key', (t) => {
  t.is(boundProblem('from', ''), undefined);
  t.is(boundProblem('from', keyAfter('k'.repeat(1024))), undefined);
  t.regex(boundProblem('from', 'k'.repeat(1026))!, /from is at most 1024 bytes/);
  t.regex(boundProblem('to', '\ud800')!, /to must be valid Unicode/);
  t.regex(boundProblem('prefix', 7)!, /prefix must be a string, not number/);
});
