import test from 'ava';
import type { ClientEvent } from '../../src/client/events.js';
import { answersAfter, connected, fails, goodReply, keyOf, settled } from './connected.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

test('calls beyond the burst wait for the rate, in the order of their making', async (t) => {
  const here = await connected({ throttle: { ratePerSecond: 10, burst: 2 } });
  const { client, clock, cluster } = here;
  cluster.script = goodReply;
  const told: ClientEvent[] = [];
  client.onEvent((event) => told.push(event));
  const order: number[] = [];
  const calls = [0, 1, 2, 3, 4].map((index) => client.put(KEY, index).then(() => order.push(index)));
  await clock.turn();
  t.is(cluster.received.length, 2);
  await clock.pass(99);
  t.is(cluster.received.length, 2);
  await clock.pass(2);
  t.is(cluster.received.length, 3);
  await settled(here, Promise.all(calls));
  t.deepEqual(order, [0, 1, 2, 3, 4]);
  t.deepEqual(told, [
    { kind: 'throttle', operation: `put of "${KEY}"`, waiting: 0 },
    { kind: 'throttle', operation: `put of "${KEY}"`, waiting: 1 },
    { kind: 'throttle', operation: `put of "${KEY}"`, waiting: 2 },
  ]);
});

test('the rate is kept within one in a hundred over ten seconds', async (t) => {
  const here = await connected({ throttle: { ratePerSecond: 200, burst: 20 }, timeoutMs: 30_000 });
  const { client, clock, cluster } = here;
  cluster.script = goodReply;
  const calls = Promise.allSettled(Array.from({ length: 3_000 }, () => client.get(KEY)));
  await clock.pass(10_000);
  const sent = cluster.received.length - 20;
  t.true(Math.abs(sent - 2_000) <= 20, `${sent} in ten seconds`);
  await clock.pass(10_000);
  await calls;
});

test('a call that could not be in time fails at once with THROTTLED, and was not sent', async (t) => {
  const { client, clock, cluster } = await connected({ throttle: { ratePerSecond: 1, burst: 1 } });
  cluster.script = goodReply;
  await Promise.all([client.get(KEY), clock.turn()]);
  const nowMs = clock.nowMs;
  const error = await fails(t, client.put(KEY, 1, { timeoutMs: 400 }), 'THROTTLED');
  t.true(error.definite && error.retryable);
  t.true(error.retryAfterMs! > 900 && error.retryAfterMs! <= 1_001, `${error.retryAfterMs}`);
  t.is(clock.nowMs, nowMs);
  t.is(cluster.received.length, 1);
});

test('bytes cost as much as they are told to, and what can never be paid is refused', async (t) => {
  const here = await connected({ throttle: { ratePerSecond: 100, burst: 50, perByte: 0.01 } });
  const { client, clock, cluster } = here;
  cluster.script = goodReply;
  const calls = [0, 1].map(() => client.put(KEY, new Uint8Array(4_000)));
  await clock.turn();
  t.is(cluster.received.length, 1, 'each costs some 41 tokens of 50');
  await clock.pass(300);
  t.is(cluster.received.length, 1);
  await clock.pass(50);
  t.is(cluster.received.length, 2);
  await Promise.all(calls);
  const error = await fails(t, client.put(KEY, new Uint8Array(6_000)), 'INVALID_ARGUMENT');
  t.regex(error.message, /burst/);
});

test('a waiting call that is given up makes room, and nobody else is touched', async (t) => {
  const here = await connected({ throttle: { ratePerSecond: 10, burst: 1 } });
  const { client, clock, cluster } = here;
  cluster.script = goodReply;
  const giveUp = new AbortController();
  const first = client.get(KEY);
  const second = fails(t, client.put(KEY, 1, { signal: giveUp.signal }), 'ABORTED');
  const third = client.get(KEY);
  await clock.pass(20);
  giveUp.abort();
  t.true((await second).definite);
  await clock.pass(85);
  t.is(cluster.received.length, 2, 'the third has the place of the second');
  await Promise.all([first, third]);
});

test('close turns away those who wait for the limit', async (t) => {
  const { client, clock, cluster } = await connected({ throttle: { ratePerSecond: 1, burst: 1 } });
  cluster.script = goodReply;
  const first = client.get(KEY);
  const second = fails(t, client.get(KEY), 'UNAVAILABLE');
  await clock.turn();
  const closed = client.close();
  await clock.turn();
  t.regex((await second).message, /closed/);
  await Promise.all([first, closed]);
  t.is(clock.timers, 0);
});

test('a node’s own limit is honoured: nothing is sent again before it says so, and the caller is told when', async (t) => {
  const here = await connected();
  const { client, clock, cluster } = here;
  const error = { code: 'THROTTLED', message: 'too fast', definite: true, retryable: true, retryAfterMs: 300 } as const;
  cluster.script = () => ({ kind: 'error', error });
  const put = client.put(KEY, 1);
  await clock.pass(299);
  t.is(cluster.received.length, 1);
  cluster.script = goodReply;
  await settled(here, put);
  t.is(cluster.received.length, 2);

  cluster.script = () => ({ kind: 'error', error });
  const nowMs = clock.nowMs;
  const refused = fails(t, client.put(KEY, 1, { timeoutMs: 200 }), 'THROTTLED');
  await clock.turn();
  t.is((await refused).retryAfterMs, 300);
  t.is(clock.nowMs, nowMs, 'it is not kept waiting for what would come too late');
});

test('the retry budget bounds what is sent again when everything fails', async (t) => {
  const here = await connected({ retryBudget: { tokens: 50 } });
  const { client, cluster } = here;
  const error = { code: 'OVERLOADED', message: 'busy', definite: true, retryable: true } as const;
  cluster.script = () => ({ kind: 'error', error });
  const results = await settled(here, Promise.allSettled(Array.from({ length: 100 }, () => client.get(KEY))));
  t.true(results.every(({ status }) => status === 'rejected'));
  const again = cluster.received.length - 100;
  t.is(again, 10, '50 tokens, 5 for each retry');
  answersAfter(here, { n1: 0, n2: 0, n3: 0 });
});
