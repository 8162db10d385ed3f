import test from 'ava';
import type { CallEnd, CallStart } from '../../src/client/telemetry.js';
import { answersAfter, connected, fails, goodReply, keyOf, settled } from './connected.js';
import { errorReply } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

test('calls are counted by kind and level, failures by code, and latencies kept; JSON as it is', async (t) => {
  const here = await connected();
  const { client, cluster } = here;
  answersAfter(here, { n1: 20, n2: 20, n3: 20 });
  await settled(here, Promise.all(Array.from({ length: 9 }, () => client.get(KEY))), 1);
  answersAfter(here, { n1: 200, n2: 200, n3: 200 });
  await settled(here, client.get(KEY), 1);
  await settled(here, client.put(KEY, 1, { level: 'ALL' }), 1);
  cluster.script = () => errorReply('CONDITION_FAILED', { retryable: false });
  await fails(t, settled(here, client.create(KEY, 1)), 'CONDITION_FAILED');
  const metrics = client.metrics();
  t.deepEqual(JSON.parse(JSON.stringify(metrics)), metrics);
  const [gets, writes, all] = metrics.calls;
  t.like(gets, { operation: 'get', level: 'QUORUM', succeeded: 10, failed: {} });
  t.like(writes, { operation: 'write', level: 'QUORUM', succeeded: 0, failed: { CONDITION_FAILED: 1 } });
  t.like(all, { operation: 'write', level: 'ALL', succeeded: 1 });
  const { latencyMs } = gets!;
  t.true(latencyMs.p50 >= 20 && latencyMs.p50 <= 24, `${latencyMs.p50}`);
  t.true(latencyMs.max >= 200 && latencyMs.max <= 204 && latencyMs.p999 === latencyMs.max, `${latencyMs.p999}`);
  t.true(latencyMs.sum >= 380 && latencyMs.sum <= 400, `${latencyMs.sum}`);
  t.is(
    latencyMs.buckets.reduce((sum, { count }) => sum + count, 0),
    10,
  );
  t.is(metrics.attempts, 12);
  t.deepEqual(metrics.nodes[0], {
    node: 'n1',
    connected: true,
    silent: false,
    inFlight: 0,
    breaker: 'closed',
  });
});

test('retries, hedges and waiting are counted, and what is under way is told', async (t) => {
  const here = await connected({ maxInFlight: 3, throttle: { ratePerSecond: 10_000, burst: 200 } });
  const { client, cluster, clock } = here;
  cluster.script = (node, request) => (node === 'n1' ? errorReply('OVERLOADED') : goodReply(node, request));
  await settled(here, client.put(KEY, 1));
  answersAfter(here, { n1: 1, n2: 1, n3: 1 });
  for (let i = 0; i < 100; i += 1) await settled(here, client.get(KEY), 1);
  await clock.pass(150);
  answersAfter(here, { n2: 1, n3: 1 });
  await settled(here, client.get(KEY));
  cluster.script = undefined;
  const calls = Promise.allSettled(Array.from({ length: 5 }, () => client.put(KEY, 1, { timeoutMs: 50 })));
  await clock.turn();
  t.like(client.metrics(), { retries: 1, hedges: 1, hedgesWon: 1, throttled: 0, inFlight: 3, waiting: 2 });
  await settled(here, calls);
  t.like(client.metrics(), { inFlight: 0, waiting: 0 });
});

test('with metrics: false nothing is counted by call', async (t) => {
  const here = await connected({ metrics: false });
  here.cluster.script = goodReply;
  await settled(here, here.client.get(KEY));
  t.deepEqual(here.client.metrics().calls, []);
});

test('a hook is called around every call, with what a span needs', async (t) => {
  const seen: (CallStart | CallEnd)[] = [];
  const here = await connected({
    onCall: (start) => {
      seen.push(start);
      return (end) => void seen.push(end);
    },
  });
  const { client, cluster } = here;
  answersAfter(here, { n1: 5 });
  await settled(here, client.get(KEY), 1);
  cluster.script = () => errorReply('INVALID_ARGUMENT', { retryable: false });
  await fails(t, settled(here, client.create(KEY, 1)), 'INVALID_ARGUMENT');
  await fails(t, client.delete(KEY, { signal: AbortSignal.abort() }), 'ABORTED');
  const [got, gotEnd, created, createdEnd, , deletedEnd, ...more] = seen;
  const attributes = { 'db.system.name': 'fulcrum', 'db.operation.name': 'get', 'fulcrum.level': 'QUORUM' };
  t.deepEqual(got, { name: 'fulcrum get', key: KEY, attributes });
  t.like(gotEnd, {
    error: undefined,
    attributes: { 'fulcrum.attempts': 1, 'fulcrum.hedges': 0, 'fulcrum.node': 'n1' },
  });
  t.true((gotEnd as CallEnd).durationMs >= 5 && (gotEnd as CallEnd).durationMs <= 7);
  t.like(created, { name: 'fulcrum create' });
  t.like(createdEnd, { attributes: { 'error.type': 'INVALID_ARGUMENT' } });
  t.is((createdEnd as CallEnd).error?.code, 'INVALID_ARGUMENT');
  t.deepEqual((deletedEnd as CallEnd).attributes, {
    'fulcrum.attempts': 0,
    'fulcrum.hedges': 0,
    'error.type': 'ABORTED',
  });
  t.deepEqual(more, []);
});

test('a hook begins within its caller’s context and may watch only some calls', async (t) => {
  let isWithin = false;
  const ended: string[] = [];
  const here = await connected({
    onCall: ({ key }) => {
      t.true(isWithin);
      return key === 'watched' ? () => void ended.push(key) : undefined;
    },
  });
  here.cluster.script = goodReply;
  isWithin = true;
  const calls = [here.client.get('watched'), here.client.get('other')];
  isWithin = false;
  await settled(here, Promise.all(calls));
  t.deepEqual(ended, ['watched']);
});

test('what a hook throws is not the call’s', async (t) => {
  const here = await connected({
    onCall: () => {
      throw new Error('the meter is broken');
    },
  });
  here.cluster.script = goodReply;
  const got = here.client.get(KEY);
  await t.throwsAsync(here.clock.turn(), { message: 'the meter is broken' });
  t.false((await settled(here, got)).found);
});
