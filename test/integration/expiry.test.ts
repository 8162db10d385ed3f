import test from 'ava';
import { waitUntil } from '../../cluster/wait.js';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import type { Client, Policy } from '../../src/index.js';
import { throughEach, untilAnswered } from './calls-through.js';

const PATIENCE_MS = 60_000;

async function start(
  t: { teardown: (run: () => Promise<void>) => void },
  policy: Policy = 'PC/EC',
): Promise<{ cluster: LocalCluster; client: Client }> {
  const cluster = await startCluster({ policy });
  t.teardown(() => cluster.stop());
  return { cluster, client: await cluster.connect() };
}

/** Tombstones that the nodes wrote for values that nobody read. */
async function swept(cluster: LocalCluster): Promise<number> {
  const pages = await Promise.all(
    cluster.nodes.map(async ({ http }) => (await fetch(`http://${http}/metrics`)).text()),
  );
  const counts = pages.map((page) => Number(/^fulcrum_expired_values_swept_total (\d+)$/m.exec(page)?.[1]));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The keys that any node still holds a value for. */
async function keysLeft(client: Client): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of client.listKeys()) keys.push(...page);
  return keys;
}

test.serial('a value whose time is up reads absent through every node alike, and never comes back', async (t) => {
  const { cluster, client } = await start(t);
  const clients = await throughEach(t, cluster);
  const { version } = await client.put('session', 'ann', { ttlMs: 1_500 });
  const before = await client.get('session');
  t.is(before.value, 'ann');
  t.true(await waitUntil(async () => !(await clients[1]!.get('session', { level: 'QUORUM' })).found, PATIENCE_MS));
  for (const one of clients) {
    const read = await one.get('session', { level: 'QUORUM' });
    t.false(read.found);
    t.not(read.version, version);
    t.is(read.receipt.guarantee, 'linearizable');
  }
  t.false((await client.create('session', 'bob')).existed);
  t.is((await client.get('session')).value, 'bob');
});

for (const policy of ['PC/EC', 'PA/EL'] as const) {
  test.serial(`${policy}: expired values that nobody reads are swept from every node`, async (t) => {
    const { cluster, client } = await start(t, policy);
    const keys = Array.from({ length: 40 }, (_, index) => `short/${index}`);
    const puts = await client.putMany(
      keys.map((key) => ({ key, value: key })),
      { ttlMs: 1_000, level: 'ALL' },
    );
    t.true(puts.every(({ ok }) => ok));
    await client.put('for ever', 1, { level: 'ALL' });
    await client.put('for long', 1, { level: 'ALL', ttlMs: 3_600_000 });
    t.true(await waitUntil(async () => (await swept(cluster)) >= keys.length, PATIENCE_MS));
    t.true(await waitUntil(async () => (await keysLeft(client)).length === 2, PATIENCE_MS));
    t.deepEqual(await keysLeft(client), ['for ever', 'for long']);
    t.is(await swept(cluster), keys.length, 'each once, by one node');
  });
}

test.serial('what expires while every node is down is swept when they are back', async (t) => {
  const { cluster, client } = await start(t);
  await client.put('short', 1, { ttlMs: 1_000, level: 'ALL' });
  for (const { id } of cluster.nodes) await cluster.kill(id);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.restart(id)));
  t.true(await waitUntil(async () => (await swept(cluster)) === 1, PATIENCE_MS));
  t.deepEqual(await untilAnswered(() => keysLeft(client)), []);
});
