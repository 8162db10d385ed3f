import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { Writer } from './writer.js';

const ACKNOWLEDGED_WRITES = 10_000;

async function start(t: ExecutionContext): Promise<LocalCluster> {
  const cluster = await startCluster({ nodes: 3, replicas: 3 });
  t.teardown(() => cluster.stop());
  return cluster;
}

async function restartAll(cluster: LocalCluster): Promise<void> {
  await Promise.all(cluster.nodes.map(({ id }) => cluster.restart(id)));
}

test.serial(
  '10,000 writes acknowledged at QUORUM while nodes are killed one after the other are all there',
  async (t) => {
    const cluster = await start(t);
    const client = await cluster.connect();
    const writer = new Writer(client, 'kill-one/', 'QUORUM');
    let writing = true;
    const kills = async (): Promise<number> => {
      let count = 0;
      for (; writing; count += 1) {
        const { id } = cluster.nodes[count % 3]!;
        await cluster.kill(id);
        await cluster.restart(id);
      }
      return count;
    };
    const [killed] = await Promise.all([
      kills(),
      writer.run(ACKNOWLEDGED_WRITES, 32).finally(() => {
        writing = false;
      }),
    ]);
    t.true(killed >= 1);
    t.true(writer.acknowledged.size >= ACKNOWLEDGED_WRITES);
    t.deepEqual(await writer.lost(client), []);
  },
);

test.serial('writes acknowledged at QUORUM before all nodes are killed at once are all there', async (t) => {
  const cluster = await start(t);
  const writer = new Writer(await cluster.connect(), 'kill-all/', 'QUORUM');
  await writer.run(2_000, 64);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.kill(id)));
  await restartAll(cluster);
  t.deepEqual(await writer.lost(await cluster.connect()), []);
});

test.serial('a write acknowledged at ONE is there after its only certain copy was killed and restarted', async (t) => {
  const cluster = await start(t);
  const writer = new Writer(await cluster.connect(), 'one/', 'ONE');
  await writer.run(500, 16);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.kill(id)));
  await restartAll(cluster);
  const reader = await cluster.connect();
  const keys = [...writer.acknowledged.keys()];
  const all = await reader.getMany(keys, { level: 'ALL', timeoutMs: 30_000 });
  t.deepEqual(
    all.filter((entry) => !entry.ok || entry.result.value !== writer.acknowledged.get(entry.key)).map(({ key }) => key),
    [],
  );
});

test.serial('a torn last write in the log of one node loses nothing that was acknowledged at QUORUM', async (t) => {
  const cluster = await start(t);
  const writer = new Writer(await cluster.connect(), 'torn/', 'QUORUM');
  await writer.run(1_000, 32);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.kill(id)));
  t.true(await tearLog(cluster.nodes[0]!.folder));
  await restartAll(cluster);
  t.deepEqual(await writer.lost(await cluster.connect()), []);
});

/** Cuts the last bytes off the newest log of a store, in the middle of a record. */
async function tearLog(folder: string): Promise<boolean> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\d+\.log$/.test(file)).sort();
  const newest = files.at(-1);
  if (newest === undefined) return false;
  const path = join(folder, newest);
  const { size } = await stat(path);
  const file = await open(path, 'r+');
  await file.truncate(Math.max(0, size - 7));
  await file.close();
  return size > 7;
}
