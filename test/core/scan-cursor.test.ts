import test from 'ava';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, openCursor, rangeFingerprint } from '../../src/core/cursor.js';
import { LEVELS } from '../../src/core/level.js';
import { MAC_BYTES, sameMac } from '../../src/core/mac.js';

const cursors = fc.record({
  level: fc.constantFrom(...LEVELS),
  fingerprint: fc.nat({ max: 0xffff_ffff }),
  reverse: fc.boolean(),
  position: fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }).filter((text) => text.isWellFormed()),
});

function sealed(encoded: Uint8Array): Uint8Array {
  return Uint8Array.from([...encoded, ...new Uint8Array(MAC_BYTES).fill(7)]);
}

test('a cursor is read back as it was made', (t) => {
  fc.assert(
    fc.property(cursors, (cursor) => {
      const opened = openCursor(sealed(encodeCursor(cursor)));
      if (typeof opened === 'string') throw new Error(opened);
      t.deepEqual(decodeCursor(opened.encoded), cursor);
      t.deepEqual(opened.mac, new Uint8Array(MAC_BYTES).fill(7));
    }),
  );
});

test('a cursor of a later version says so, whatever follows', (t) => {
  t.regex(openCursor(Uint8Array.from([2])) as string, /later version.*update/);
  t.regex(openCursor(new Uint8Array(100).fill(255)) as string, /later version/);
});

test('what is too short, empty, or of no version is none', (t) => {
  for (const bytes of [undefined, new Uint8Array(0), new Uint8Array(100), new Uint8Array(22).fill(1)]) {
    t.regex(openCursor(bytes) as string, /is not one that this SDK gave out/);
  }
});

test('a cursor of a level that there is not is none', (t) => {
  const encoded = encodeCursor({ level: 'ONE', fingerprint: 1, reverse: false, position: 'k' });
  for (const byte of [3, 7, 8, 255]) t.is(decodeCursor(encoded.with(1, byte)), undefined, String(byte));
});

test('MACs differ where one bit does', (t) => {
  const mac = new Uint8Array(MAC_BYTES).fill(5);
  t.true(sameMac(mac, Uint8Array.from([...mac, 9])));
  for (let i = 0; i < MAC_BYTES; i += 1) t.false(sameMac(mac, mac.with(i, 4)));
});

test('ranges are told apart, also where their texts run together', (t) => {
  const ranges = [
    { from: 'ab', to: 'c', reverse: false },
    { from: 'a', to: 'bc', reverse: false },
    { from: 'ab', to: 'c', reverse: true },
  ];
  t.is(new Set(ranges.map(rangeFingerprint)).size, 3);
});
