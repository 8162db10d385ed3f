import test from 'ava';
import { expiryOf, makeOperation, type Mutation, type Operation } from '../../src/core/operation.js';
import { bytes, CLIENT, deleteOperation, putOperation } from './operations.js';

const id = { ...CLIENT, time: 1_000, sub: 0 };
const put = { kind: 'put', value: bytes('v'), encoding: 'bytes', ttlMs: 0, expect: null } as const;
const version = { time: 5, incarnation: 'a'.repeat(16), sub: 0, index: 0 };

const payloads: readonly Mutation[] = [
  put,
  { ...put, value: bytes('w') },
  { ...put, value: bytes('') },
  { ...put, encoding: 'msgpack' },
  { ...put, ttlMs: 1_000 },
  { ...put, expect: 'absent' },
  { ...put, expect: version },
  { ...put, expect: { ...version, index: 1 } },
  { kind: 'delete', expect: null },
  { kind: 'delete', expect: version },
  { kind: 'delete', expect: { ...version, sub: 1 } },
];

test('payloads that differ in any part have different fingerprints', (t) => {
  const prints = payloads.map((mutation) => makeOperation(id, 'consensus', mutation).fingerprint);
  t.is(new Set(prints).size, payloads.length);
});

test('the same payload has the same fingerprint, whatever its form or identity', (t) => {
  for (const mutation of payloads) {
    const other = makeOperation({ ...id, time: 2_000 }, 'latency', mutation);
    t.is(makeOperation(id, 'consensus', mutation).fingerprint, other.fingerprint);
  }
});

test('expiry is counted from the time of the operation, so that whoever resends it writes the same', (t) => {
  t.is(expiryOf(putOperation(7_000, 'v', { ttlMs: 3 })), 10_000);
  t.is(expiryOf(putOperation(7_000, 'v')), 0);
  t.is(expiryOf(deleteOperation(7_000)), 0);
});

test('an operation keeps what it was made of', (t) => {
  const operation: Operation = makeOperation(id, 'blind', put);
  t.like(operation, { id, form: 'blind', mutation: put });
});
