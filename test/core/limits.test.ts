import test from 'ava';
import fc from 'fast-check';
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../../src/core/defaults.js';
import { keyProblem, utf8Length, valueProblem } from '../../src/core/limits.js';

const taken: readonly (readonly [string, string])[] = [
  ['one byte', 'k'],
  ['as many bytes as are allowed', 'k'.repeat(KEY_BYTES_MAX)],
  ['as many two-byte characters as fit', 'é'.repeat(KEY_BYTES_MAX / 2)],
  ['as many four-byte characters as fit', '😀'.repeat(KEY_BYTES_MAX / 4)],
  ['a zero byte', '\0'],
];
for (const [what, key] of taken) {
  test(`a key of ${what} is taken`, (t) => {
    t.is(keyProblem(key), undefined);
  });
}

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ['nothing', '', /empty/],
  ['one byte too many', 'k'.repeat(KEY_BYTES_MAX + 1), /1025/],
  ['one two-byte character too many', 'é'.repeat(KEY_BYTES_MAX / 2 + 1), /1026/],
  ['one four-byte character too many', '😀'.repeat(KEY_BYTES_MAX / 4 + 1), /1028/],
  ['the first half of a surrogate pair', 'a\ud83d', /surrogate/],
  ['the second half of a surrogate pair', '\ude00a', /surrogate/],
  ['a number', 7, /number/],
  ['undefined', undefined, /undefined/],
  ['an object', {}, /object/],
];
for (const [what, key, message] of refused) {
  test(`a key of ${what} is refused with the reason`, (t) => {
    t.regex(keyProblem(key) ?? '', message);
  });
}

test('a value of 1 MiB is taken, one byte more is refused', (t) => {
  t.is(valueProblem(new Uint8Array(0)), undefined);
  t.is(valueProblem(new Uint8Array(VALUE_BYTES_MAX)), undefined);
  t.regex(valueProblem(new Uint8Array(VALUE_BYTES_MAX + 1)) ?? '', /1048577/);
});

test('bytes of UTF-8 are counted as an encoder counts them', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      t.is(utf8Length(text), Buffer.byteLength(text));
    }),
  );
});
