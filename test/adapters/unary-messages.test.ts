import test from 'ava';
import {
  deleteRequest,
  listRequest,
  putRequest,
  type Minter,
  type UnaryPut,
} from '../../src/adapters/unary-messages.js';
import type { MutateRequest } from '../../src/core/request.js';
import { formatVersion } from '../../src/core/version.js';

/** A node of a cluster whose default is the latency path. */
const LATENCY: Minter = {
  mint: () => ({ time: 1_700_000_000_000_000, node: 'n1', incarnation: '00000000000000aa', sub: 0 }),
  formOf: () => 'latency',
};
const VERSION = { time: 1_700_000_000_000_000, incarnation: '00000000000000bb', sub: 1, index: 2 };
const PUT: UnaryPut = {
  key: 'k',
  value: new Uint8Array([1]),
  encoding: 'BYTES',
  level: 'LEVEL_DEFAULT',
  timeoutMs: 0,
  ttlMs: 0,
  operationId: '',
  operationName: '',
};

test('a plain put follows the policy', (t) => {
  t.like(putRequest(PUT, LATENCY), { level: null, name: null, operation: { form: 'latency' } });
});

test('a put with a condition or a name is consensus at QUORUM in every policy', (t) => {
  for (const fields of [{ ifAbsent: true }, { ifVersion: formatVersion(VERSION) }, { operationName: 'order-1' }]) {
    t.like(putRequest({ ...PUT, ...fields }, LATENCY), { level: 'QUORUM', operation: { form: 'consensus' } });
    t.like(deleteRequest({ ...PUT, ...fields }, LATENCY), { level: 'QUORUM', operation: { form: 'consensus' } });
    t.like(putRequest({ ...PUT, ...fields, level: 'ALL' }, LATENCY), { level: 'ALL' });
    t.throws(() => putRequest({ ...PUT, ...fields, level: 'ONE' }, LATENCY), { name: 'CodecError' });
  }
});

test('a condition, a name and a time to live are taken over', (t) => {
  const message = { ...PUT, ifVersion: formatVersion(VERSION), operationName: 'order-1', ttlMs: 30_000 };
  const { name, operation } = putRequest(message, LATENCY) as MutateRequest;
  t.is(name, 'order-1');
  t.like(operation.mutation, { expect: VERSION, ttlMs: 30_000 });
  t.throws(() => putRequest({ ...message, ifVersion: 'v1' }, LATENCY), { name: 'CodecError' });
});

test('a list begins after a key of its range, whichever way it goes', (t) => {
  const list = { after: '', from: '', to: '', reverse: false, limit: 0, timeoutMs: 0 };
  t.deepEqual(listRequest(list), { kind: 'list', from: '', to: '', reverse: false, limit: 1_000, timeoutMs: 5_000 });
  t.like(listRequest({ ...list, from: 'b', to: 'x' }), { from: 'b', to: 'x' });
  t.like(listRequest({ ...list, from: 'b', to: 'x', after: 'c' }), { from: 'c\0', to: 'x' });
  t.like(listRequest({ ...list, from: 'b', to: 'x', after: 'a' }), { from: 'b', to: 'x' });
  t.like(listRequest({ ...list, from: 'b', to: 'x', reverse: true, after: 'c' }), {
    from: 'b',
    to: 'c',
    reverse: true,
  });
  t.throws(() => listRequest({ ...list, after: '\ud800' }), { name: 'CodecError' });
});
