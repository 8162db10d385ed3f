import test, { type ExecutionContext } from 'ava';
import type { ClientEvent } from '../../src/client/events.js';
import type { ClientOptions } from '../../src/client/options.js';
import type { FulcrumError } from '../../src/core/errors.js';
import { NO_KEYS } from '../../src/core/key-range.js';
import { answersAfter, askedOf, connected, fails, goodReply, keyOf, settled, type Connected } from './connected.js';
import { RECEIPT } from '../core/receipts.js';
import { errorReply, valueReply, type FakeClusterOptions } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);
const PRIMARY_OF = { n1: KEY, n2: keyOf(['n2', 'n1', 'n3']), n3: keyOf(['n3', 'n1', 'n2']) };
type Name = keyof typeof PRIMARY_OF;

/** Breakers that open after four calls, and calls that are sent once and wait 100 ms. */
function strict(options: ClientOptions & FakeClusterOptions = {}): Promise<Connected> {
  return connected({ attemptTimeoutMs: 100, breaker: { callsMin: 4 }, hedge: false, ...options });
}

/** These nodes stop answering, and the client finds out. */
async function breakOpen(here: Connected, broken: readonly Name[]): Promise<void> {
  const fine = (['n1', 'n2', 'n3'] as const).filter((node) => !broken.includes(node));
  answersAfter(here, Object.fromEntries(fine.map((node) => [node, 0])));
  for (const node of broken) {
    const calls = Array.from({ length: 4 }, () => here.client.get(PRIMARY_OF[node], { level: 'ONE', timeoutMs: 90 }));
    await settled(here, Promise.allSettled(calls));
  }
  await here.clock.pass(110);
  // Until nothing that was heard shortly before speaks for them any more.
  await here.clock.pass(1_000);
}

function stateOf({ client }: Connected, node: string): string {
  return client.breakers.find((one) => one.node === node)!.state.kind;
}

test('a node that fails most calls is not asked any more, and its breaker is told and readable', async (t) => {
  const here = await strict();
  const told: ClientEvent[] = [];
  here.client.onEvent((event) => {
    if (event.kind === 'breaker') told.push(event);
  });
  await breakOpen(here, ['n1']);
  const before = askedOf(here)['n1'];
  const startedMs = here.clock.nowMs;
  await settled(here, here.client.put(KEY, 1), 1);
  t.true(here.clock.nowMs - startedMs <= 1, 'nobody waits for it');
  t.is(askedOf(here)['n1'], before);
  t.is(stateOf(here, 'n1'), 'open');
  const { retryAfterMs } = here.client.breakers.find(({ node }) => node === 'n1')!;
  t.true(retryAfterMs > 3_000 && retryAfterMs <= 5_000, `${retryAfterMs}`);
  t.like(told[0], { kind: 'breaker', node: 'n1', from: 'closed' });
  t.is(told.length, 1);
});

test('where breakers leave too few replicas for the level, a call fails at once and names them', async (t) => {
  const here = await strict();
  await breakOpen(here, ['n2', 'n3']);
  const { client, cluster, clock } = here;
  const sent = cluster.received.length;
  const nowMs = clock.nowMs;
  const check = async (call: Promise<unknown>, required: number): Promise<FulcrumError> => {
    const error = await fails(t, call, 'CIRCUIT_OPEN');
    t.true(error.definite && error.retryable);
    t.deepEqual([error.required, error.received, error.missing], [required, 1, ['n2', 'n3']]);
    t.true(error.retryAfterMs! > 0 && error.retryAfterMs! <= 5_000, `${error.retryAfterMs}`);
    return error;
  };
  const error = await check(client.get(KEY, { level: 'QUORUM' }), 2);
  t.regex(error.message, /n2, n3/);
  await check(client.put(KEY, 1, { level: 'ALL' }), 3);
  await check(client.create(KEY, 1), 2);
  t.is(clock.nowMs, nowMs, 'no time has passed');
  t.is(cluster.received.length, sent, 'nothing was sent');
  await settled(here, client.get(KEY, { level: 'ONE' }), 1);
  await settled(here, client.get(KEY, { level: 'QUORUM', allowStale: true }), 1);
  t.is(cluster.received.length, sent + 2, 'what one replica can answer is asked');
});

test('under PA one replica is enough, but not for what a majority decides', async (t) => {
  const here = await strict({ policy: 'PA/EC' });
  await breakOpen(here, ['n2', 'n3']);
  await settled(here, here.client.put(KEY, 1, { level: 'QUORUM' }), 1);
  t.is((await fails(t, here.client.create(KEY, 1), 'CIRCUIT_OPEN')).required, 2);
});

test('a replica that another node has an answer from is not missing, whatever its own breaker says', async (t) => {
  const here = await strict();
  await breakOpen(here, ['n2', 'n3']);
  const { cluster, client } = here;
  cluster.script = () => valueReply(null, { receipt: { ...RECEIPT, replicas: ['n1', 'n2'] } });
  await settled(here, client.get(KEY, { level: 'ONE' }));
  await settled(here, client.get(KEY, { level: 'QUORUM' }));
  await fails(t, client.get(KEY, { level: 'ALL' }), 'CIRCUIT_OPEN');
  t.is(stateOf(here, 'n2'), 'open');
});

test('after its pause a breaker lets three probes through, and calls beyond them go elsewhere at once', async (t) => {
  const here = await strict();
  await breakOpen(here, ['n1']);
  await here.clock.pass(4_000);
  const before = askedOf(here);
  const calls = Array.from({ length: 8 }, () => here.client.put(KEY, 1));
  await here.clock.turn();
  const after = askedOf(here);
  t.is(after['n1']! - before['n1']!, 3);
  t.is(after['n2']! - (before['n2'] ?? 0), 5);
  t.is(stateOf(here, 'n1'), 'halfOpen');
  for (const { node, pipe, sent, request } of here.cluster.received) {
    if (node === 'n1') pipe.answer(sent, goodReply(node, request));
  }
  await settled(here, Promise.all(calls));
  t.is(stateOf(here, 'n1'), 'closed');
});

test('a probe that its caller gives up leaves its place to another call', async (t) => {
  const here = await strict();
  await breakOpen(here, ['n1']);
  await here.clock.pass(4_000);
  const giveUp = new AbortController();
  const probes = [0, 1, 2].map(() => fails(t, here.client.put(KEY, 1, { signal: giveUp.signal }), 'ABORTED'));
  await here.clock.turn();
  giveUp.abort();
  await Promise.all(probes);
  const before = askedOf(here)['n1']!;
  here.cluster.script = goodReply;
  await settled(here, Promise.all([0, 1, 2].map(() => here.client.put(KEY, 1))), 1);
  t.is(askedOf(here)['n1'], before + 3);
  t.is(stateOf(here, 'n1'), 'closed');
});

test('probes that are not answered open it again, for twice as long', async (t) => {
  const here = await strict();
  await breakOpen(here, ['n1']);
  await here.clock.pass(4_000);
  await settled(here, here.client.put(KEY, 1));
  t.is(stateOf(here, 'n1'), 'open');
  const state = here.client.breakers.find(({ node }) => node === 'n1')!.state;
  t.is(state.kind === 'open' && state.openMs, 10_000);
});

async function closedAfter(t: ExecutionContext, here: Connected, calls: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 20; i += 1) await settled(here, calls()).catch(() => undefined);
  for (const { node, state } of here.client.breakers) {
    t.true(state.kind === 'closed' && state.failures === 0, `${node}: ${JSON.stringify(state)}`);
  }
}

test('conditions that fail, refusals for the sake of the cluster, and throttling say nothing against a node', async (t) => {
  const here = await strict();
  for (const code of ['CONDITION_FAILED', 'UNAVAILABLE', 'TIMEOUT', 'TOO_OLD', 'THROTTLED'] as const) {
    here.cluster.script = () => errorReply(code, { retryable: false });
    await closedAfter(t, here, () => here.client.put(KEY, 1));
  }
});

test('calls that their callers give up say nothing against a node', async (t) => {
  const here = await strict();
  answersAfter(here, {});
  await closedAfter(t, here, async () => {
    const giveUp = new AbortController();
    const call = here.client.get(KEY, { signal: giveUp.signal });
    here.clock.setTimer(50, () => giveUp.abort());
    await call;
  });
});

test('a call whose own time is up counts against its node only once that had its time', async (t) => {
  const here = await strict();
  const late = new Promise<void>((resolve) => here.clock.setTimer(80, resolve));
  answersAfter(here, { n1: 60 });
  const calls = Array.from({ length: 10 }, () => here.client.get(KEY, { timeoutMs: 30 }));
  await settled(here, Promise.allSettled(calls));
  await settled(here, late);
  t.deepEqual(here.client.breakers[0]!.state, { kind: 'closed', calls: 10, failures: 0 });
});

test('an overloaded node counts as failing, and a node that is back is probed within a second', async (t) => {
  const here = await strict({ retryBudget: false });
  here.cluster.script = (node) => (node === 'n1' ? errorReply('OVERLOADED') : valueReply(null));
  await settled(here, Promise.all(Array.from({ length: 8 }, () => here.client.get(KEY))));
  t.is(stateOf(here, 'n1'), 'open');
  here.cluster.script = goodReply;
  here.cluster.pipeTo('n1').lose('restarted');
  await here.clock.pass(1_100);
  await settled(here, Promise.all([0, 1, 2].map(() => here.client.put(KEY, 1))));
  t.is(stateOf(here, 'n1'), 'closed');
});

test('without breakers every call is sent', async (t) => {
  const here = await strict({ breaker: false });
  await breakOpen(here, ['n1', 'n2', 'n3']);
  const sent = here.cluster.received.length;
  await fails(t, settled(here, here.client.get(KEY, { timeoutMs: 90 })), 'TIMEOUT');
  t.is(here.cluster.received.length, sent + 1);
});

test('a request for one node alone is not sent past its open breaker', async (t) => {
  const here = await strict();
  await breakOpen(here, ['n2', 'n3']);
  const sent = here.cluster.received.length;
  here.cluster.script = () => ({ kind: 'keys', ...NO_KEYS });
  const page = fails(t, settled(here, here.client.page({ limit: 1 })), 'UNAVAILABLE');
  t.deepEqual((await page).missing?.toSorted(), ['n2', 'n3']);
  t.deepEqual([...new Set(here.cluster.received.slice(sent).map(({ node }) => node))], ['n1']);
});
