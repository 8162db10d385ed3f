import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { refusal } from './calls-through.js';
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

test.serial('a write that a power cut tore in the log of every node loses nothing that was acknowledged', async (t) => {
  const cluster = await start(t);
  const writer = new Writer(await cluster.connect(), 'torn/', 'QUORUM');
  await writer.run(1_000, 32);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.kill(id)));
  for (const { folder } of cluster.nodes) await appendTornWrite(join(folder, 'store'));
  await restartAll(cluster);
  t.deepEqual(await writer.lost(await cluster.connect()), []);
});

test.serial('a node whose log lost what it had acknowledged may not vote; the others have everything', async (t) => {
  const cluster = await start(t);
  const writer = new Writer(await cluster.connect(), 'rot/', 'QUORUM');
  await writer.run(1_000, 32);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.kill(id)));
  const log = await newestLog(join(cluster.nodes[0]!.folder, 'store'));
  const content = await readFile(log);
  content[Math.floor(content.length / 2)]! ^= 1;
  await writeFile(log, content);
  const error = await refusal(cluster.restart('n1'));
  t.regex(error.message, /is damaged: .*log is wrong at byte \d+.*new node id/);
  await Promise.all(['n2', 'n3'].map((id) => cluster.restart(id)));
  t.deepEqual(await writer.lost(await cluster.connect()), []);
});

/** The beginning of a write behind all that was synced, as a crash leaves it: a fragment longer than what is there. */
async function appendTornWrite(store: string): Promise<void> {
  const head = Buffer.from([1, 2, 3, 4, 0xe8, 3, 1]);
  await appendFile(await newestLog(store), Buffer.concat([head, Buffer.alloc(200, 'x')]));
}

async function newestLog(store: string): Promise<string> {
  const logs = (await readdir(store)).filter((file) => /^\d+\.log$/.test(file)).sort();
  return join(store, logs.at(-1)!);
}
