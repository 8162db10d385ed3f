import test from 'ava';
import fc from 'fast-check';
import { decodeStandings, encodeStandings, hashOfKey, type Standing } from '../../src/core/session-token.js';
import { NO_VERSION, versionOf } from '../../src/core/version.js';
import { ballots } from '../adapters/arbitrary-records.js';
import { ballotAt } from './operations.js';

const standings: fc.Arbitrary<Standing> = fc
  .tuple(ballots, ballots, fc.boolean())
  .chain(([accepted, other, absent]) =>
    fc.constantFrom(
      { accepted, version: versionOf(accepted, 0), absent },
      { accepted, version: versionOf(other, 3), absent },
      { accepted, version: NO_VERSION, absent },
    ),
  );
const tokens = fc
  .array(fc.tuple(fc.string({ minLength: 1, maxLength: 20 }).map(hashOfKey), standings), { maxLength: 30 })
  .map((entries) => new Map(entries));

test('what a token holds is read back as it was', (t) => {
  fc.assert(
    fc.property(tokens, (held) => {
      t.deepEqual(decodeStandings(encodeStandings(held)), held);
    }),
  );
});

test('a token cut short at any byte, or with more behind it, is none', (t) => {
  const held = new Map([
    [hashOfKey('a'), { accepted: ballotAt(5), version: NO_VERSION, absent: true }],
    [hashOfKey('b'), { accepted: ballotAt(6, 'n2', 7), version: versionOf(ballotAt(4), 2), absent: false }],
  ]);
  const encoded = encodeStandings(held);
  for (let length = 1; length < encoded.length; length += 1) {
    t.is(decodeStandings(encoded.subarray(0, length)), undefined, `cut at ${length}`);
  }
  t.is(decodeStandings(Uint8Array.from([...encoded, 0])), undefined);
});

test('any bytes are a token or none, and nothing else happens', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const held = decodeStandings(bytes);
      return held === undefined || held instanceof Map;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('a key costs a token 23 bytes, however long it is and whoever wrote it last', (t) => {
  const of = (count: number): number => {
    const held = Array.from({ length: count }, (_, index): [number, Standing] => {
      const accepted = ballotAt(1_000 + index, `n${index % 3}`);
      return [hashOfKey('k'.repeat(900) + String(index)), { accepted, version: versionOf(accepted, 0), absent: false }];
    });
    return encodeStandings(new Map(held)).length;
  };
  t.is(of(1_003) - of(3), 23_000);
});

test('keys are told apart by whole numbers that a token can hold', (t) => {
  const hashes = new Set(Array.from({ length: 20_000 }, (_, index) => hashOfKey(`key-${index}`)));
  t.is(hashes.size, 20_000);
  for (const hash of hashes) if (!Number.isSafeInteger(hash)) t.fail(`${hash}`);
});
