import test from 'ava';
import fc from 'fast-check';
import { CodecError } from '../../src/adapters/codec-error.js';
import { decodeRecord, encodeRecord, recordHasValue } from '../../src/adapters/record-codec.js';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { ballotAt, plain, promiseOnly, recordOf, stateOf, tombstone } from '../conformance/records.js';
import { mutationOf, mutations, records } from './arbitrary-records.js';

test('a record is decoded as it was encoded', (t) => {
  fc.assert(
    fc.property(records, (record) => {
      const bytes = encodeRecord(record);
      t.deepEqual(plain(decodeRecord(bytes)), plain(record));
      t.is(recordHasValue(bytes), record.state !== null && record.state.value !== null);
    }),
  );
});

test('damage to a record is noticed, whatever it is', (t) => {
  fc.assert(
    fc.property(records, mutations, (record, mutation) => {
      const damaged = mutationOf(encodeRecord(record), mutation);
      t.throws(() => decodeRecord(damaged), { instanceOf: CodecError });
      t.throws(() => recordHasValue(damaged), { instanceOf: CodecError });
    }),
    { numRuns: 2_000 },
  );
});

test('every single flipped bit of a record is noticed', (t) => {
  const bytes = encodeRecord(recordOf());
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const damaged = Uint8Array.from(bytes);
    damaged[bit >>> 3]! ^= 1 << (bit & 7);
    t.throws(() => decodeRecord(damaged), { instanceOf: CodecError });
  }
});

test('a record keeps nothing of the bytes it was decoded from', (t) => {
  const bytes = Uint8Array.from(encodeRecord(recordOf()));
  const record = decodeRecord(bytes);
  bytes.fill(0xee);
  t.deepEqual(plain(record), plain(recordOf()));
});

test('a promise that equals what was accepted takes no room', (t) => {
  const both = recordOf();
  const longer = { ...both, promised: ballotAt(50) };
  t.true(encodeRecord(both).length + 20 < encodeRecord(longer).length);
});

test('a record whose state and ballot contradict each other is not encoded', (t) => {
  const impossible = [
    { ...recordOf(), state: null },
    { ...promiseOnly, state: stateOf() },
    { ...recordOf(), maxOpTime: NaN },
    { ...recordOf(), accepted: { ...ballotAt(1), sub: 2 ** 32 } },
    { ...recordOf(), accepted: { ...ballotAt(1), node: '' } },
  ];
  for (const record of impossible) t.throws(() => encodeRecord(record), { instanceOf: CodecError });
});

test('tombstones and promises have no value', (t) => {
  t.false(recordHasValue(encodeRecord(tombstone)));
  t.false(recordHasValue(encodeRecord(promiseOnly)));
  t.false(recordHasValue(encodeRecord({ ...promiseOnly, promised: NO_BALLOT })));
  t.true(recordHasValue(encodeRecord(recordOf({ value: new Uint8Array(0) }))));
});
