import test from 'ava';
import type { ClientEvent } from '../../src/client/events.js';
import type { Random } from '../../src/ports/random.js';
import { answersAfter, askedOf, connected, goodReply, HALF, keyOf, settled, type Connected } from './connected.js';
import { seeded } from './resilience/seeded.js';

function drawnFrom(seed: number): Random {
  return { ...HALF, ...seeded(seed) };
}

const KEY = keyOf(['n1', 'n2', 'n3']);

async function readsInTurn(here: Connected, count: number, level: 'ONE' | 'QUORUM' = 'ONE'): Promise<void> {
  for (let i = 0; i < count; i += 1) await settled(here, here.client.get(KEY, { level }), 1);
}

test('reads at ONE ask the primary, too, unless they are told to spread', async (t) => {
  const here = await connected();
  answersAfter(here, { n1: 0, n2: 0, n3: 0 });
  await readsInTurn(here, 10);
  t.deepEqual(askedOf(here), { n1: 10 });
});

test('round-robin asks the home replicas of reads at ONE one after the other', async (t) => {
  const here = await connected({ balance: 'roundRobin' });
  answersAfter(here, { n1: 0, n2: 0, n3: 0 });
  await readsInTurn(here, 12);
  t.deepEqual(askedOf(here), { n1: 4, n2: 4, n3: 4 });
});

test('whatever a majority decides, and every write, asks the primary however reads are spread', async (t) => {
  for (const balance of ['roundRobin', 'leastLoaded'] as const) {
    const here = await connected({ balance });
    answersAfter(here, { n1: 0, n2: 0, n3: 0 });
    await readsInTurn(here, 10, 'QUORUM');
    for (let i = 0; i < 10; i += 1) await settled(here, here.client.put(KEY, i, { level: 'ONE' }));
    t.deepEqual(askedOf(here), { n1: 20 });
  }
});

test('by load, a slow replica gets few reads, and all of them without it', async (t) => {
  const here = await connected({ balance: 'leastLoaded', random: drawnFrom(1) });
  answersAfter(here, { n1: 80, n2: 1, n3: 1 });
  await readsInTurn(here, 300);
  const { n1 = 0, n2 = 0, n3 = 0 } = askedOf(here);
  t.true(n1 >= 1 && n1 < 15, `the slow one was asked ${n1} times`);
  t.true(n2 > 75 && n3 > 75, `${n2} and ${n3}`);
});

test('by load, a replica with many calls in flight is left alone', async (t) => {
  const here = await connected({ balance: 'leastLoaded', random: drawnFrom(2) });
  answersAfter(here, { n1: 1, n2: 1, n3: 1 });
  await readsInTurn(here, 30);
  answersAfter(here, { n2: 1, n3: 1 });
  // Writes at the primary that it does not answer.
  for (let i = 0; i < 50; i += 1) here.client.put(KEY, i).catch(() => undefined);
  await here.clock.turn();
  const before = askedOf(here)['n1']!;
  await readsInTurn(here, 100);
  t.is(askedOf(here)['n1'], before);
  await here.clock.pass(20_000);
});

test('where the primary cannot be asked, reads take the better of two others and writes the next in order', async (t) => {
  const here = await connected({ random: drawnFrom(3) });
  const { client, cluster } = here;
  cluster.down.add('n1');
  cluster.pipeTo('n1').lose('killed');
  answersAfter(here, { n2: 60, n3: 1 });
  await readsInTurn(here, 60, 'QUORUM');
  const { n1, n2 = 0, n3 = 0 } = askedOf(here);
  t.is(n1, undefined);
  t.true(n2 <= 5 && n3 >= 55, `${n2} and ${n3}`);
  cluster.received.length = 0;
  for (let i = 0; i < 5; i += 1) await settled(here, client.put(KEY, i));
  t.deepEqual(askedOf(here), { n2: 5 });
});

test('preferred nodes are asked for reads at every level, and others while they cannot be asked', async (t) => {
  const here = await connected({ preferNodes: ['n3', 'elsewhere'] });
  const { client, cluster } = here;
  answersAfter(here, { n1: 0, n2: 0, n3: 0 });
  await readsInTurn(here, 3);
  await readsInTurn(here, 3, 'QUORUM');
  t.deepEqual(askedOf(here), { n3: 6 });
  await settled(here, client.put(KEY, 1));
  t.deepEqual(askedOf(here), { n3: 6, n1: 1 });
  cluster.down.add('n3');
  cluster.pipeTo('n3').lose('killed');
  await readsInTurn(here, 3);
  t.deepEqual(askedOf(here), { n3: 6, n1: 4 });
});

test('that a primary is passed over is told once, with the reason, and again when it is used', async (t) => {
  const here = await connected();
  const { client, cluster, clock } = here;
  const told: ClientEvent[] = [];
  client.onEvent((event) => {
    if (event.kind === 'failover' || event.kind === 'failback') told.push(event);
  });
  cluster.script = goodReply;
  cluster.down.add('n1');
  cluster.pipeTo('n1').lose('killed');
  for (let i = 0; i < 3; i += 1) await settled(here, client.put(KEY, i));
  t.deepEqual(told, [{ kind: 'failover', node: 'n1', to: 'n2', why: 'unreachable' }]);
  cluster.down.delete('n1');
  await clock.pass(2_000);
  for (let i = 0; i < 3; i += 1) await settled(here, client.put(KEY, i));
  t.deepEqual(told.slice(1), [{ kind: 'failback', node: 'n1' }]);
});

test('a node that is too busy, and says so at once, is left alone for as long as it asks for', async (t) => {
  const here = await connected({ balance: 'leastLoaded', random: drawnFrom(4) });
  answersAfter(here, { n1: 5, n2: 5, n3: 5 });
  await readsInTurn(here, 30);
  const { cluster } = here;
  const slow = cluster.script!;
  const error = { code: 'THROTTLED', message: 'too fast', definite: true, retryable: true, retryAfterMs: 500 } as const;
  cluster.script = (node, request) => (node === 'n1' ? { kind: 'error', error } : slow(node, request));
  const before = askedOf(here)['n1'] ?? 0;
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 60; i += 1) {
    calls.push(here.client.get(KEY, { level: 'ONE' }));
    await here.clock.pass(7);
  }
  t.is(askedOf(here)['n1'], before + 1);
  await settled(here, Promise.all(calls));
  cluster.script = slow;
  await here.clock.pass(500);
  await readsInTurn(here, 30);
  t.true(askedOf(here)['n1']! > before + 2);
});
