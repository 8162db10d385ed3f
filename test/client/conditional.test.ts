import test from 'ava';
import type { MutateRequest } from '../../src/core/request.js';
import { formatVersion } from '../../src/core/version.js';
import { connected, fails, keyOf } from './connected.js';
import { RECEIPT } from '../core/receipts.js';
import { errorReply, mutated } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);
const VERSION = { time: 1_700_000_000_000_000, incarnation: '00000000000000aa', sub: 3, index: 2 };
const TEXT = formatVersion(VERSION);

/** What the one mutation that was sent asked for. */
function sent(cluster: { received: readonly { request: unknown }[] }): MutateRequest {
  if (cluster.received.length !== 1) throw new Error(`${cluster.received.length} requests were sent`);
  return cluster.received[0]!.request as MutateRequest;
}

test('conditional and named writes are consensus at QUORUM in every policy, whatever the defaults say', async (t) => {
  for (const policy of ['PC/EC', 'PC/EL', 'PA/EC', 'PA/EL'] as const) {
    for (const level of [undefined, 'ONE'] as const) {
      const { client, cluster, clock } = await connected({ policy, level });
      cluster.script = (_, request) => mutated(request);
      const calls = [
        client.compareAndSet(KEY, 1, { expect: TEXT }),
        client.create(KEY, 1),
        client.delete(KEY, { expect: TEXT }),
        client.put(KEY, 1, { opId: 'order-1' }),
        client.delete(KEY, { opId: 'order-2' }),
      ];
      await clock.turn();
      await Promise.all(calls);
      const requests = cluster.received.map(({ request }) => request as MutateRequest);
      t.deepEqual(
        requests.map(({ operation, name }) => [operation.mutation.kind, operation.mutation.expect, name]),
        [
          ['put', VERSION, null],
          ['put', 'absent', null],
          ['delete', VERSION, null],
          ['put', null, 'order-1'],
          ['delete', null, 'order-2'],
        ],
      );
      for (const request of requests) t.like(request, { level: 'QUORUM', operation: { form: 'consensus' } });
    }
  }
});

test('a client whose level is ALL compares and sets at ALL', async (t) => {
  const { client, cluster, clock } = await connected({ level: 'ALL', policy: 'PC/EL' });
  cluster.script = (_, request) => mutated(request);
  const call = client.create(KEY, 1);
  await clock.turn();
  await call;
  t.is(sent(cluster).level, 'ALL');
});

test('level ONE is refused for what a majority must decide, before anything is sent', async (t) => {
  const { client, cluster } = await connected();
  const level = 'ONE';
  await fails(t, client.compareAndSet(KEY, 1, { expect: TEXT, level }), 'INVALID_ARGUMENT');
  await fails(t, client.create(KEY, 1, { level }), 'INVALID_ARGUMENT');
  await fails(t, client.delete(KEY, { expect: TEXT, level }), 'INVALID_ARGUMENT');
  await fails(t, client.put(KEY, 1, { opId: 'order-1', level }), 'INVALID_ARGUMENT');
  await fails(
    t,
    client.update(KEY, () => 1, { level }),
    'INVALID_ARGUMENT',
  );
  t.deepEqual(cluster.received, []);
});

test('what is no version, no name or no time to live is refused before anything is sent', async (t) => {
  const { client, cluster } = await connected();
  await fails(t, client.compareAndSet(KEY, 1, {} as never), 'INVALID_ARGUMENT');
  for (const expect of ['', 'v1', 'ABSENT', `${TEXT} `, TEXT.toUpperCase(), 7, null, {}] as string[]) {
    await fails(t, client.compareAndSet(KEY, 1, { expect }), 'INVALID_ARGUMENT');
    await fails(t, client.delete(KEY, { expect }), 'INVALID_ARGUMENT');
  }
  for (const opId of ['', 'x'.repeat(256), '\ud800', 7, null] as string[]) {
    await fails(t, client.put(KEY, 1, { opId }), 'INVALID_ARGUMENT');
  }
  for (const ttlMs of [0, -1, 1.5, NaN, Infinity, 1e15, '5', null] as number[]) {
    await fails(t, client.put(KEY, 1, { ttlMs }), 'INVALID_ARGUMENT');
    await fails(
      t,
      client.update(KEY, () => 1, { ttlMs }),
      'INVALID_ARGUMENT',
    );
    await fails(t, client.putMany([{ key: KEY, value: 1 }], { ttlMs }), 'INVALID_ARGUMENT');
  }
  await fails(t, client.putMany([{ key: KEY, value: 1 }], { opId: 'order-1' } as object), 'INVALID_ARGUMENT');
  t.deepEqual(cluster.received, []);
});

test('a put with a time to live carries it, on the latency path too', async (t) => {
  const { client, cluster, clock } = await connected({ policy: 'PA/EL' });
  cluster.script = (_, request) => mutated(request);
  const put = client.put(KEY, 1, { ttlMs: 30_000 });
  await clock.turn();
  await put;
  const { operation, level } = sent(cluster);
  t.like(operation, { form: 'latency', mutation: { kind: 'put', ttlMs: 30_000 } });
  t.is(level, 'ONE');
});

test('a name of 255 characters is sent as it is, with every attempt', async (t) => {
  const { client, cluster, clock } = await connected();
  const opId = 'é'.repeat(255);
  const put = client.put(KEY, 1, { opId });
  await clock.turn();
  cluster.script = (_, request) => mutated(request);
  cluster.pipeTo('n1').lose('killed');
  await clock.turn();
  await put;
  const names = cluster.received.map(({ request }) => (request as MutateRequest).name);
  t.deepEqual(names, [opId, opId]);
});

test('a condition that failed tells the version that is there, and its receipt', async (t) => {
  const { client, cluster, clock } = await connected();
  const refused = { ...errorReply('CONDITION_FAILED', { retryable: false }), version: VERSION };
  cluster.script = () => ({ ...refused, existed: true, receipt: RECEIPT, serverMicros: 500 });
  const there = fails(t, client.create(KEY, 1), 'CONDITION_FAILED');
  await clock.turn();
  const error = await there;
  t.is(error.currentVersion, TEXT);
  t.deepEqual(error.receipt, { ...RECEIPT, version: TEXT, serverMs: 0.5 });
  t.true(error.definite);
  t.is(cluster.received.length, 1);
});

test('a condition that failed on a key without a value says absent, which expect takes', async (t) => {
  const { client, cluster, clock } = await connected();
  const refused = errorReply('CONDITION_FAILED', { retryable: false });
  for (const version of [VERSION, { ...VERSION, time: 0 }]) {
    cluster.script = () => ({ ...refused, version, existed: version.time === 0 ? undefined : false });
    const gone = fails(t, client.compareAndSet(KEY, 1, { expect: TEXT }), 'CONDITION_FAILED');
    await clock.turn();
    t.is((await gone).currentVersion, 'absent');
  }
});

test('a failed condition after a lost attempt is the answer: it comes from the record of the same operation', async (t) => {
  const { client, cluster, clock } = await connected();
  const call = fails(t, client.compareAndSet(KEY, 1, { expect: TEXT }), 'CONDITION_FAILED');
  await clock.turn();
  cluster.script = () => ({ ...errorReply('CONDITION_FAILED', { retryable: false }), version: VERSION, existed: true });
  cluster.pipeTo('n1').lose('killed');
  await clock.turn();
  t.true((await call).definite);
  const ids = cluster.received.map(({ request }) => (request as MutateRequest).operation.id);
  t.is(ids.length, 2);
  t.deepEqual(ids[0], ids[1]);
});

test('a coordinator that cannot tell is asked again with the same operation, until one can', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (node, request) =>
    node === 'n1' ? errorReply('OUTCOME_UNKNOWN', { definite: false }) : mutated(request);
  const call = client.compareAndSet(KEY, 1, { expect: TEXT });
  await clock.pass(200);
  t.is((await call).key, KEY);
  const ids = cluster.received.map(({ request }) => (request as MutateRequest).operation.id);
  t.deepEqual(ids[0], ids[1]);
});

test('messages name a conditional write for what it is', async (t) => {
  const { client, cluster, clock } = await connected();
  for (const node of cluster.nodes) cluster.pipeTo(node).lose('killed');
  for (const node of cluster.nodes) cluster.down.add(node);
  const said = async (call: Promise<unknown>): Promise<string> => {
    const failed = fails(t, call, 'UNAVAILABLE');
    await clock.pass(5_000);
    return (await failed).message;
  };
  t.regex(await said(client.compareAndSet(KEY, 1, { expect: TEXT })), /the compare-and-set of "/);
  t.regex(await said(client.create(KEY, 1)), /the create of "/);
  t.regex(await said(client.delete(KEY, { expect: TEXT })), /the conditional delete of "/);
});
