import test from 'ava';
import { connected, fails, keyOf } from './connected.js';
import { mutated, valueReply } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

test('calls beyond the bound wait and are sent in order as others are settled', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 2 });
  const settled: number[] = [];
  const calls = [0, 1, 2, 3].map((index) => client.get(KEY).then(() => settled.push(index)));
  await clock.turn();
  t.is(cluster.received.length, 2);
  for (let next = 0; next < 4; next += 1) {
    const { pipe, sent } = cluster.received[next]!;
    pipe.answer(sent, valueReply(null));
    await clock.turn();
  }
  await Promise.all(calls);
  t.deepEqual(settled, [0, 1, 2, 3]);
});

test('bytes under way are bounded as well, and one call of any size is let through', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlightBytes: 10_000 });
  cluster.script = undefined;
  const calls = [client.put(KEY, new Uint8Array(20_000)), client.put(KEY, new Uint8Array(10))];
  await clock.turn();
  t.is(cluster.received.length, 1);
  const { pipe, sent, request } = cluster.received[0]!;
  cluster.script = (_, later) => mutated(later);
  pipe.answer(sent, mutated(request));
  await clock.turn();
  await Promise.all(calls);
  t.is(cluster.received.length, 2);
});

test('a call that waits until its time is up was certainly not sent', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 1 });
  const first = client.get(KEY);
  const second = fails(t, client.put(KEY, 1, { timeoutMs: 300 }), 'TIMEOUT');
  await clock.pass(330);
  t.true((await second).definite);
  t.is(cluster.received.length, 1);
  cluster.script = () => valueReply(null);
  await clock.pass(1_000);
  await first;
});

test('a full line turns calls away with OVERLOADED, definite, and has room again later', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 1, maxWaiting: 2 });
  const accepted = [client.get(KEY), client.get(KEY), client.get(KEY)];
  const error = await fails(t, client.get(KEY), 'OVERLOADED');
  t.true(error.definite && error.retryable);
  await clock.turn();
  cluster.script = () => valueReply(null);
  const { pipe, sent } = cluster.received[0]!;
  pipe.answer(sent, valueReply(null));
  await clock.turn();
  await Promise.all(accepted);
  await Promise.all([client.get(KEY), clock.turn()]);
  t.is(cluster.received.length, 4);
});

test('thousands that wait fail one after the other without overflowing the stack', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 1 });
  for (const node of cluster.nodes) cluster.down.add(node);
  for (const node of cluster.nodes) cluster.pipeTo(node).lose('killed');
  const calls = Promise.allSettled(Array.from({ length: 20_000 }, () => client.get(KEY, { timeoutMs: 20 })));
  await clock.pass(100);
  t.true((await calls).every(({ status }) => status === 'rejected'));
});

test('close waits for the calls under way and in line, turns later ones away, and leaves nothing running', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 1 });
  const calls = [client.get(KEY), client.get(KEY)];
  await clock.turn();
  let isClosed = false;
  const closed = client.close().then(() => (isClosed = true));
  const late = await fails(t, client.get(KEY), 'UNAVAILABLE');
  t.true(late.definite);
  t.false(late.retryable);
  await clock.turn();
  t.false(isClosed);
  cluster.script = () => valueReply(null);
  const { pipe, sent } = cluster.received[0]!;
  pipe.answer(sent, valueReply(null));
  await clock.turn();
  await Promise.all([...calls, closed]);
  t.true(cluster.pipes.every((each) => each.isClosed));
  t.is(clock.timers, 0);
  await client.close();
});

test('close ends by the calls’ own timeouts where nobody answers', async (t) => {
  const { client, cluster, clock } = await connected();
  const got = fails(t, client.get(KEY, { timeoutMs: 200 }), 'TIMEOUT');
  await clock.turn();
  const closed = client.close();
  await clock.pass(250);
  await Promise.all([got, closed]);
  t.is(clock.timers, 0);
  t.is(cluster.pipes.filter(({ isClosed }) => !isClosed).length, 0);
});

test('a client nobody calls has no timer running but its heartbeat', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => valueReply(null);
  await Promise.all([client.get(KEY), clock.turn()]);
  await clock.pass(50);
  t.is(clock.timers, 1);
});
