import test from 'ava';
import fc from 'fast-check';
import { hashBytes, hashText } from '../../src/core/hash.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** Published vectors of MurmurHash3 x86 32-bit: input, seed, hash. */
const vectors: readonly (readonly [Uint8Array, number, number])[] = [
  [hex(''), 0, 0],
  [hex(''), 1, 0x514e28b7],
  [hex(''), 0xffffffff, 0x81f16f39],
  [hex('ffffffff'), 0, 0x76293b50],
  [hex('21436587'), 0, 0xf55b516b],
  [hex('21436587'), 0x5082edee, 0x2362f9de],
  [hex('214365'), 0, 0x7e4a8634],
  [hex('2143'), 0, 0xa0f7b07a],
  [hex('21'), 0, 0x72661cf4],
  [hex('00000000'), 0, 0x2362f9de],
  [hex('000000'), 0, 0x85f0b427],
  [hex('0000'), 0, 0x30f4c306],
  [hex('00'), 0, 0x514e28b7],
  [ascii('aaaa'), 0x9747b28c, 0x5a97808a],
  [ascii('aaa'), 0x9747b28c, 0x283e0130],
  [ascii('aa'), 0x9747b28c, 0x5d211726],
  [ascii('a'), 0x9747b28c, 0x7fa09ea6],
  [ascii('abcd'), 0x9747b28c, 0xf0478627],
  [ascii('abc'), 0x9747b28c, 0xc84a62dd],
  [ascii('ab'), 0x9747b28c, 0x74875592],
  [ascii('Hello, world!'), 0x9747b28c, 0x24884cba],
  [ascii('The quick brown fox jumps over the lazy dog'), 0x9747b28c, 0x2fa826cd],
];

for (const [input, seed, expected] of vectors) {
  test(`murmur3 of ${Buffer.from(input).toString('hex') || 'nothing'} with seed ${seed} is as published`, (t) => {
    t.is(hashBytes(input, seed), expected);
  });
}

test('the hash of a text is that of its UTF-16 code units', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, seed) => {
      t.is(hashText(text, seed), hashBytes(Buffer.from(text, 'utf16le'), seed));
    }),
  );
});
