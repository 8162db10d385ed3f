import { getEventListeners } from 'node:events';
import test from 'ava';
import { connected, fails, goodReply, keyOf, settled } from './connected.js';
import { errorReply } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);
const REASON = new Error('the user left');

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

test('a call with an aborted signal is not sent', async (t) => {
  const { client, cluster, clock } = await connected();
  const error = await fails(t, client.put(KEY, 1, { signal: AbortSignal.abort(REASON) }), 'ABORTED');
  t.true(error.definite);
  t.false(error.retryable);
  t.is(error.cause, REASON);
  await clock.pass(10);
  t.is(cluster.received.length, 0);
});

test('an abort ends its call at once and no other one; what was sent may have been applied', async (t) => {
  const here = await connected();
  const { client, cluster, clock } = here;
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const put = fails(t, client.put(KEY, 1, { signal }), 'ABORTED');
  const got = fails(t, client.get(KEY, { signal }), 'ABORTED');
  const other = client.put(KEY, 2, { signal: new AbortController().signal });
  await clock.turn();
  t.is(listeners(signal), 1, 'one for both calls');
  const nowMs = clock.nowMs;
  giveUp.abort(REASON);
  t.false((await put).definite);
  t.true((await got).definite);
  t.is((await put).cause, REASON);
  t.is(clock.nowMs, nowMs);
  t.is(listeners(signal), 0);
  for (const { node, pipe, sent, request } of cluster.received) pipe.answer(sent, goodReply(node, request));
  await settled(here, other);
  await clock.pass(2_000);
  t.is(cluster.received.length, 3, 'and it is not sent again');
});

test('a write is definitely not there where every attempt was refused before the abort', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('OVERLOADED', { retryAfterMs: 1_000 });
  const giveUp = new AbortController();
  const put = fails(t, client.put(KEY, 1, { signal: giveUp.signal }), 'ABORTED');
  await clock.pass(100);
  giveUp.abort();
  t.true((await put).definite);
  await clock.pass(3_000);
  t.is(cluster.received.length, 1);
});

test('a call in line that is given up leaves its place to the next', async (t) => {
  const here = await connected({ maxInFlight: 1 });
  const { client, cluster, clock } = here;
  const giveUp = new AbortController();
  const first = client.get(KEY);
  const second = fails(t, client.put(KEY, 1, { signal: giveUp.signal }), 'ABORTED');
  const third = client.get(KEY);
  await clock.turn();
  giveUp.abort();
  t.true((await second).definite);
  cluster.script = goodReply;
  const { pipe, sent, node, request } = cluster.received[0]!;
  pipe.answer(sent, goodReply(node, request));
  await settled(here, Promise.all([first, third]));
  t.is(cluster.received.length, 2);
});

test('a signal is let go of when its call is over', async (t) => {
  const here = await connected();
  here.cluster.script = goodReply;
  const { signal } = new AbortController();
  await settled(here, Promise.all([here.client.get(KEY, { signal }), here.client.put(KEY, 1, { signal })]));
  await settled(here, here.client.getMany([KEY, KEY], { signal }));
  here.cluster.script = () => errorReply('INVALID_ARGUMENT', { retryable: false });
  await fails(t, settled(here, here.client.put(KEY, 1, { signal })), 'INVALID_ARGUMENT');
  t.is(listeners(signal), 0);
});

test('what is no signal is refused', async (t) => {
  const { client } = await connected();
  const signal = {} as AbortSignal;
  await fails(t, client.get(KEY, { signal }), 'INVALID_ARGUMENT');
  await fails(
    t,
    client.update(KEY, () => 1, { signal }),
    'INVALID_ARGUMENT',
  );
  await fails(t, client.page({ signal }), 'INVALID_ARGUMENT');
});

test('an abort ends the entries of a batch that are not settled, each with its own error', async (t) => {
  const { client, cluster, clock } = await connected();
  const giveUp = new AbortController();
  const other = keyOf(['n2', 'n1', 'n3']);
  cluster.script = (node, request) => (request.kind === 'get' && node === 'n2' ? goodReply(node, request) : undefined);
  const got = client.getMany([KEY, other, KEY], { signal: giveUp.signal });
  const put = client.putMany([{ key: KEY, value: 1 }], { signal: giveUp.signal });
  await clock.turn();
  giveUp.abort();
  t.deepEqual(
    (await got).map((entry) => entry.error?.code),
    ['ABORTED', undefined, 'ABORTED'],
  );
  t.deepEqual(
    (await put).map((entry) => [entry.error?.code, entry.error?.definite]),
    [['ABORTED', false]],
  );
});

test('an update is given up while it reads, while it waits its turn, and while its function works', async (t) => {
  const { client, cluster, clock } = await connected();
  const signals = [0, 1, 2].map(() => new AbortController());
  const [reading, waiting, working] = signals;
  const first = fails(
    t,
    client.update(KEY, () => 1, { signal: reading!.signal }),
    'ABORTED',
  );
  const second = fails(
    t,
    client.update(KEY, () => 1, { signal: waiting!.signal }),
    'ABORTED',
  );
  await clock.turn();
  waiting!.abort();
  await clock.turn();
  t.true((await second).definite);
  t.is(cluster.received.length, 1, 'the second has not begun');
  reading!.abort(REASON);
  t.is((await first).cause, REASON);
  cluster.script = goodReply;
  const forever = new Promise<number>(() => undefined);
  const third = fails(
    t,
    client.update<number>(KEY, () => forever, { signal: working!.signal }),
    'ABORTED',
  );
  await clock.turn();
  working!.abort();
  await clock.turn();
  t.regex((await third).message, /Nothing was written/);
  t.deepEqual(
    signals.map(({ signal }) => listeners(signal)),
    [0, 0, 0],
  );
});

test('an update is given up between two tries', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (node, request) =>
    request.kind === 'get' ? goodReply(node, request) : errorReply('CONDITION_FAILED', { retryable: false });
  const giveUp = new AbortController();
  const update = fails(
    t,
    client.update(KEY, () => 1, { signal: giveUp.signal }),
    'ABORTED',
  );
  await clock.turn();
  const sent = cluster.received.length;
  giveUp.abort();
  await clock.turn();
  t.true((await update).definite);
  await clock.pass(100);
  t.is(cluster.received.length, sent);
});

test('a page and a scan are given up while they list and while they read', async (t) => {
  const { client, cluster, clock } = await connected();
  for (const scan of [
    (signal: AbortSignal) => client.page({ signal }),
    (signal: AbortSignal) => client.scan({ signal }).next(),
  ]) {
    cluster.script = undefined;
    const giveUp = new AbortController();
    const listing = fails(t, scan(giveUp.signal), 'ABORTED');
    await clock.turn();
    giveUp.abort(REASON);
    await clock.turn();
    t.is((await listing).cause, REASON);

    cluster.script = (_, request) =>
      request.kind === 'list' ? { kind: 'keys', keys: ['a'], deleted: [], through: null } : undefined;
    const later = new AbortController();
    const reading = fails(t, scan(later.signal), 'ABORTED');
    await clock.turn();
    later.abort();
    await clock.turn();
    t.true((await reading).definite);
    t.is(listeners(later.signal), 0);
  }
});
