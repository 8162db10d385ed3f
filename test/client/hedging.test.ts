import test from 'ava';
import type { ClientEvent } from '../../src/client/events.js';
import type { ClientOptions } from '../../src/client/options.js';
import {
  answersAfter,
  askedOf,
  connected,
  goodReply,
  keyOf,
  operationTimes,
  settled,
  type Connected,
} from './connected.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

/** A client that has seen a hundred reads and a hundred writes, each answered after so long. */
async function experienced(usualMs: number, options: ClientOptions = {}): Promise<Connected> {
  const here = await connected(options);
  answersAfter(here, { n1: usualMs, n2: usualMs, n3: usualMs });
  const reads = Array.from({ length: 100 }, () => here.client.get(KEY));
  const writes = Array.from({ length: 100 }, () => here.client.put(KEY, 1));
  await settled(here, Promise.all([...reads, ...writes]));
  // The delay is worked out anew from time to time.
  await here.clock.pass(150);
  here.cluster.received.length = 0;
  return here;
}

test('nobody is asked twice while too little is known of how long calls take', async (t) => {
  const here = await connected();
  answersAfter(here, { n1: 400, n2: 0, n3: 0 });
  await settled(here, here.client.get(KEY));
  t.deepEqual(askedOf(here), { n1: 1 });
});

test('a read that takes longer than nearly all do asks a second node, whose answer counts', async (t) => {
  const here = await experienced(1);
  const told: ClientEvent[] = [];
  here.client.onEvent((event) => told.push(event));
  answersAfter(here, { n2: 1, n3: 1 });
  const startedMs = here.clock.nowMs;
  const { receipt } = await settled(here, here.client.get(KEY), 1);
  const tookMs = here.clock.nowMs - startedMs;
  t.true(tookMs >= 10 && tookMs <= 25, `${tookMs} ms`);
  const [first, second, ...more] = here.cluster.received.map(({ node }) => node);
  t.is(first, 'n1');
  t.is(second, receipt.coordinator);
  t.deepEqual(more, []);
  const [hedge] = told;
  t.like(hedge, { kind: 'hedge', operation: `get of "${KEY}"` });
  t.true(hedge?.kind === 'hedge' && hedge.node === second && hedge.afterMs >= 10);
});

test('the second node is asked at the p99 of such calls, and no third one', async (t) => {
  const here = await experienced(60);
  answersAfter(here, {});
  const got = here.client.get(KEY);
  await here.clock.pass(55);
  t.is(here.cluster.received.length, 1);
  await here.clock.pass(30);
  t.is(here.cluster.received.length, 2);
  await here.clock.pass(500);
  t.is(here.cluster.received.length, 2);
  here.cluster.script = goodReply;
  await settled(here, got);
});

test('the first answer counts also where it is the first node’s, and the other one changes nothing', async (t) => {
  const here = await experienced(1);
  answersAfter(here, { n1: 30, n2: 40, n3: 40 });
  t.is((await settled(here, here.client.get(KEY))).receipt.coordinator, 'n1');
  await here.clock.pass(1_000);
  t.is(here.cluster.received.length, 2);
  t.deepEqual(
    here.client.breakers.map(({ state }) => state.kind === 'closed' && state.failures),
    [0, 0, 0],
  );
});

test('a node that never answers what another one answered instead counts as failing', async (t) => {
  const here = await experienced(1);
  answersAfter(here, { n2: 1, n3: 1 });
  await settled(here, here.client.get(KEY));
  await here.clock.pass(1_100);
  const state = here.client.breakers.find(({ node }) => node === 'n1')!.state;
  t.is(state.kind === 'closed' && state.failures, 1);
});

test('what a hedge saved does not make the delay shrink', async (t) => {
  const here = await experienced(60);
  answersAfter(here, { n1: 200, n2: 0, n3: 0 });
  for (let i = 0; i < 200; i += 1) await settled(here, here.client.get(KEY));
  await here.clock.pass(1_000);
  here.cluster.received.length = 0;
  answersAfter(here, {});
  const got = here.client.get(KEY, { timeoutMs: 900 }).catch(() => undefined);
  await here.clock.pass(150);
  t.is(here.cluster.received.length, 1);
  await here.clock.pass(2_000);
  await got;
});

test('writes ask nobody else unless they are told to, and then it is the same operation', async (t) => {
  const cautious = await experienced(1);
  answersAfter(cautious, { n1: 300, n2: 0, n3: 0 });
  await settled(cautious, cautious.client.put(KEY, 2));
  t.deepEqual(askedOf(cautious), { n1: 1 });

  const bold = await experienced(1, { hedge: { writes: true } });
  answersAfter(bold, { n1: 300, n2: 0, n3: 0 });
  await settled(bold, bold.client.put(KEY, 2));
  t.deepEqual(askedOf(bold), { n1: 1, n2: 1 });
  t.is(new Set(operationTimes(bold.cluster)).size, 1);
});

test('without hedging a slow read is waited for', async (t) => {
  const here = await experienced(1, { hedge: false });
  answersAfter(here, { n1: 300, n2: 0, n3: 0 });
  await settled(here, here.client.get(KEY));
  t.deepEqual(askedOf(here), { n1: 1 });
});

test('hedges cost tokens of the retry budget, and there are none once those are spent', async (t) => {
  const here = await experienced(1, { retryBudget: { tokens: 20, refund: 0, share: 1 } });
  answersAfter(here, { n1: 300, n2: 0, n3: 0 });
  const reads = Array.from({ length: 50 }, () => here.client.get(KEY));
  await settled(here, Promise.all(reads));
  const { n1 = 0, n2 = 0, n3 = 0 } = askedOf(here);
  t.is(n1, 50);
  t.is(n2 + n3, 4);
});

test('retries and hedges together are at most a fifth of the calls under way', async (t) => {
  const here = await experienced(1);
  answersAfter(here, { n1: 300 });
  const reads = Array.from({ length: 100 }, () => here.client.get(KEY));
  await here.clock.pass(200);
  const { n1 = 0, n2 = 0, n3 = 0 } = askedOf(here);
  t.is(n1, 100);
  t.is(n2 + n3, 20);
  await settled(here, Promise.all(reads));
});
