import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { connect, FulcrumError, type Client } from '../../src/index.js';
import { PAUSE_MS, refusal } from './calls-through.js';

async function start(t: ExecutionContext): Promise<{ cluster: LocalCluster; client: Client }> {
  const cluster = await startCluster({ nodes: 3, replicas: 3 });
  t.teardown(() => cluster.stop());
  return { cluster, client: await cluster.connect() };
}

/** Repeats a call until its answer is as it should be: a killed node is noticed within a moment, not at once. */
async function until<T>(call: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await call();
    if (good(answer)) return answer;
    await sleep(PAUSE_MS);
  }
}

test.serial('with one node of three killed, QUORUM goes on and ALL names the missing node', async (t) => {
  const { cluster, client } = await start(t);
  await client.put('before', 1, { level: 'ALL' });
  await cluster.kill('n3');
  await client.put('after', 2, { level: 'QUORUM' });
  t.is((await client.get('before', { level: 'QUORUM' })).value, 1);
  const read = await client.get('after', { level: 'QUORUM' });
  t.is(read.value, 2);
  t.is(read.receipt.guarantee, 'linearizable');

  const definite = await until(
    () => refusal(client.put('all', 3, { level: 'ALL' })),
    (error) => error.code === 'UNAVAILABLE',
  );
  t.true(definite.definite);
  t.deepEqual(definite.missing, ['n3']);
  t.is(definite.required, 3);
  t.is(definite.received, 2);
  const readAll = await refusal(client.get('before', { level: 'ALL' }));
  t.is(readAll.code, 'UNAVAILABLE');
  t.deepEqual(readAll.missing, ['n3']);
});

test.serial('with two nodes of three killed, QUORUM is refused as UNAVAILABLE and definite', async (t) => {
  const { cluster, client } = await start(t);
  await client.put('key', 'value');
  await Promise.all([cluster.kill('n1'), cluster.kill('n3')]);
  // On another key: what is tried before the node has noticed may be there, of unknown outcome.
  await until(
    () => refusal(client.put('elsewhere', 'other', { level: 'QUORUM' })),
    ({ code, missing }) => code === 'UNAVAILABLE' && missing?.length === 2,
  );
  const write = await refusal(client.put('key', 'other', { level: 'QUORUM' }));
  t.is(write.code, 'UNAVAILABLE');
  t.true(write.definite);
  t.deepEqual([...(write.missing ?? [])].sort(), ['n1', 'n3']);
  const read = await refusal(client.get('key', { level: 'QUORUM' }));
  t.is(read.code, 'UNAVAILABLE');
  t.true(read.definite);
  const stale = await client.get('key', { level: 'QUORUM', allowStale: true });
  t.is(stale.value, 'value');
  t.is(stale.receipt.guarantee, 'eventual');
});

test.serial('a restarted node serves again, and no QUORUM read through it returns the older value', async (t) => {
  const { cluster, client } = await start(t);
  const keys = Array.from({ length: 50 }, (_, index) => `restart/${index}`);
  for (const key of keys) await client.put(key, 'old', { level: 'ALL' });
  await cluster.kill('n2');
  for (const key of keys) await client.put(key, 'new', { level: 'QUORUM' });
  await cluster.restart('n2');
  const { address } = cluster.nodes.find(({ id }) => id === 'n2')!;
  const throughIt = await connect({ nodes: [address], discover: false });
  t.teardown(() => throughIt.close());
  for (const key of keys) t.is((await throughIt.get(key, { level: 'QUORUM' })).value, 'new');
  for (const key of keys) t.is((await throughIt.put(key, 'newest', { level: 'ALL' })).receipt.acks, 3);
});

test.serial('a paused node is noticed: QUORUM goes on without it, and with it again once it runs', async (t) => {
  const { cluster, client } = await start(t);
  await client.put('key', 0, { level: 'ALL' });
  await cluster.pause('n1');
  await client.put('key', 1, { level: 'QUORUM' });
  t.is((await client.get('key', { level: 'QUORUM' })).value, 1);
  await cluster.resume('n1');
  const receipt = await until(
    async () => {
      try {
        return (await client.put('key', 2, { level: 'ALL' })).receipt;
      } catch (error) {
        if (error instanceof FulcrumError) return undefined;
        throw error;
      }
    },
    (answer) => answer !== undefined,
  );
  t.is(receipt?.acks, 3);
});

test.serial('with five nodes and three replicas, every key is answered through every node', async (t) => {
  const cluster = await startCluster({ nodes: 5, replicas: 3 });
  t.teardown(() => cluster.stop());
  const client = await cluster.connect();
  const keys = Array.from({ length: 40 }, (_, index) => `five/${index}`);
  for (const key of keys) await client.put(key, key, { level: 'ALL' });
  for (const { address } of cluster.nodes) {
    const one = await connect({ nodes: [address], discover: false });
    t.teardown(() => one.close());
    for (const key of keys) {
      const { value, receipt } = await one.get(key, { level: 'ALL' });
      t.is(value, key);
      t.is(receipt.replicas.length, 3);
    }
  }
});
