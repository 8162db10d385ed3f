import test from 'ava';
import fc from 'fast-check';
import { formatVersion, NO_VERSION, parseVersion, sameVersion, versionOf } from '../../src/core/version.js';
import { anyBallot, anyVersion } from './arbitraries.js';

test('a version survives being written and read', (t) => {
  fc.assert(
    fc.property(anyVersion, (version) => {
      t.deepEqual(parseVersion(formatVersion(version)), version);
    }),
  );
});

test('two versions are the same only if they are written the same', (t) => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (a, b) => {
      t.is(sameVersion(a, b), formatVersion(a) === formatVersion(b));
      t.true(sameVersion(a, { ...a }));
    }),
  );
});

test('every part of a version tells it from others', (t) => {
  const version = { time: 5, incarnation: 'a'.repeat(16), sub: 5, index: 5 };
  for (const other of [{ time: 6 }, { incarnation: 'b'.repeat(16) }, { sub: 6 }, { index: 6 }])
    t.false(sameVersion(version, { ...version, ...other }), JSON.stringify(other));
});

test('operations of one batch get different versions of one ballot', (t) => {
  fc.assert(
    fc.property(anyBallot, (ballot) => {
      const [first, second] = [versionOf(ballot, 0), versionOf(ballot, 1)];
      t.false(sameVersion(first, second));
      t.deepEqual({ ...first, index: 1 }, second);
    }),
  );
});

const hostile: readonly string[] = [
  '',
  '.',
  '...',
  'abc',
  '1.0.0',
  '1.0.0.0123456789abcdef.',
  '.1.0.0.0123456789abcdef',
  ' 1.0.0.0123456789abcdef',
  '1.0.0.0123456789abcdef\n',
  '1.0.0.0123456789ABCDEF',
  '1.0.0.0123456789abcdeg',
  '1.0.0.0123456789abcde',
  '1.0.0.0123456789abcdef0',
  '01.0.0.0123456789abcdef',
  '1.00.0.0123456789abcdef',
  '1.0.00.0123456789abcdef',
  'A.0.0.0123456789abcdef',
  '-1.0.0.0123456789abcdef',
  '1e5.0.-0.0123456789abcdef',
  'zzzzzzzzzzz.0.0.0123456789abcdef',
  '1.zzzzzzz.0.0123456789abcdef',
  '1.1z141z4.0.0123456789abcdef',
  '1.0.zzzz.0123456789abcdef',
  '1.0.1ekg.0123456789abcdef',
  '１.0.0.0123456789abcdef',
  '1.0.0.0123456789abcdef'.repeat(10_000),
];

for (const [index, text] of hostile.entries()) {
  test(`hostile version ${index}, ${JSON.stringify(text.slice(0, 40))}, is refused`, (t) => {
    t.is(parseVersion(text), undefined);
  });
}

test('whatever is taken for a version is written the same again', (t) => {
  const piece = fc.string({ unit: fc.constantFrom(...Array.from('019afz.-AZ ')), maxLength: 12 });
  const near = fc
    .tuple(piece, piece, piece, fc.constantFrom('0123456789abcdef', '', 'f'))
    .map((parts) => parts.join('.'));
  fc.assert(
    fc.property(fc.oneof(near, fc.string(), anyVersion.map(formatVersion)), (text) => {
      const version = parseVersion(text);
      if (version !== undefined) t.is(formatVersion(version), text);
      else t.pass();
    }),
  );
});

test('the version of a key that was never written is its own', (t) => {
  t.deepEqual(parseVersion(formatVersion(NO_VERSION)), NO_VERSION);
});
