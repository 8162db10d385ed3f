import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { Level } from 'level';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { FulcrumError, type Client } from '../../src/index.js';
import { refusal, through, until, untilAnswered } from './calls-through.js';

const NODE_PROCESS = fileURLToPath(new URL('../../src/bin/node-process.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../src/bin/cli.js', import.meta.url));
const NOBODY = 65_534;

interface Started {
  readonly cluster: LocalCluster;
  readonly client: Client;
  /** n3's own. */
  readonly folder: string;
}

/** Three nodes and a hundred values on all of them. */
async function start(t: ExecutionContext): Promise<Started> {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const client = await cluster.connect();
  for (let index = 0; index < 100; index += 1) await client.put(`key/${index}`, index, { level: 'ALL' });
  return { cluster, client, folder: cluster.nodes.find(({ id }) => id === 'n3')!.folder };
}

async function othersServe(t: ExecutionContext, client: Client): Promise<void> {
  await untilAnswered(() => client.put('after', 'served', { level: 'QUORUM' }));
  t.is((await untilAnswered(() => client.get('key/7', { level: 'QUORUM' }))).value, 7);
}

async function nothingIsLost(t: ExecutionContext, { cluster }: Started): Promise<void> {
  const one = await through(t, cluster.nodes.find(({ id }) => id === 'n3')!.address);
  for (let index = 0; index < 100; index += 1)
    t.is((await untilAnswered(() => one.get(`key/${index}`, { level: 'ONE' }))).value, index);
}

test.serial(
  'a node whose disk was wiped may not come back under its name: a clear refusal, and the others go on',
  async (t) => {
    const { cluster, client, folder } = await start(t);
    await cluster.kill('n3');
    await rm(folder, { recursive: true });
    const error = await refusal(cluster.restart('n3'));
    t.regex(error.message, /Node n[12] says: .*(disk|folder)/s);
    t.false(cluster.nodes.find(({ id }) => id === 'n3')!.running);
    await othersServe(t, client);
  },
);

test.serial('a node whose disk was brought back from a copy may not come back under its name', async (t) => {
  const started = await start(t);
  const { cluster, client, folder } = started;
  await cluster.kill('n3');
  const copy = `${folder}-copy`;
  t.teardown(() => rm(copy, { recursive: true, force: true }));
  await cp(folder, copy, { recursive: true });
  await cluster.restart('n3');
  await client.put('later', 'than the copy', { level: 'ALL' });
  await cluster.kill('n3');
  await rm(folder, { recursive: true });
  await cp(copy, folder, { recursive: true });
  const error = await refusal(cluster.restart('n3'));
  t.regex(error.message, /Node n[12] says: .*(copy|disk|folder)/s);
  await othersServe(t, client);
});

test.serial('a damaged store is refused by name, with what to do; mended, it has lost nothing', async (t) => {
  const started = await start(t);
  const { cluster, client, folder } = started;
  await cluster.kill('n3');
  const store = join(folder, 'store');
  const manifest = join(
    store,
    (await readdir(store)).find((file) => file.startsWith('MANIFEST'))!,
  );
  const content = await readFile(manifest);
  await writeFile(manifest, Buffer.alloc((await stat(manifest)).size, 0xff));
  const error = await refusal(cluster.restart('n3'));
  t.regex(error.message, /is damaged: .*It was not opened.*new node id/s);
  await othersServe(t, client);
  await writeFile(manifest, content);
  await cluster.restart('n3');
  await nothingIsLost(t, started);
});

test.serial(
  'a node that comes upon a damaged record names it and ends; it shows it to nobody, and the others go on',
  async (t) => {
    const { cluster, client, folder } = await start(t);
    await cluster.kill('n3');
    const database = new Level<string, Uint8Array>(join(folder, 'store'), { valueEncoding: 'view' });
    const record = Uint8Array.from(await database.get('rkey/7'));
    record[record.length - 2]! ^= 1;
    await database.put('rkey/7', record);
    await database.close();
    await cluster.restart('n3');
    const one = await through(t, cluster.nodes.find(({ id }) => id === 'n3')!.address);
    t.is((await untilAnswered(() => one.get('key/8', { level: 'ONE' }))).value, 8);
    t.true(['UNAVAILABLE', 'TIMEOUT'].includes((await refusal(one.get('key/7', { level: 'ONE' }))).code));
    await until(() => !cluster.nodes.find(({ id }) => id === 'n3')!.running);
    t.regex(await readFile(join(folder, 'node.log'), 'utf8'), /The record of key \\"key\/7\\" .* is damaged/);
    await othersServe(t, client);
    t.is((await client.put('key/7', 7)).receipt.guarantee, 'linearizable');
  },
);

test.serial('a second process on the same folder is refused, and the first one goes on', async (t) => {
  const { cluster, client } = await start(t);
  const second = spawn(process.execPath, [CLI, 'node', '--config', cluster.file, '--id', 'n3', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  second.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(second, 'close')) as [number];
  t.is(code, 3);
  t.regex(said, /in use by another process, probably a node that is still running. Nothing was changed/);
  t.is((await client.put('both', 'are here', { level: 'ALL' })).receipt.acks, 3);
});

test.serial('a data folder that may not be written is refused by name, and what it holds is kept', async (t) => {
  const started = await start(t);
  const { cluster, client, folder } = started;
  await cluster.kill('n3');
  const isRoot = process.getuid?.() === 0;
  // Root may write anywhere: somebody else has to try, who may read everything.
  const who = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  await everything(join(folder, '..'), (path) => chmod(path, 0o555));
  if (isRoot) await everything(folder, (path) => chown(path, NOBODY, NOBODY));
  const denied = spawn(process.execPath, [NODE_PROCESS, '--config', cluster.file, '--id', 'n3'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...who,
  });
  let said = '';
  denied.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(denied, 'close')) as [number];
  await everything(join(folder, '..'), (path) => chmod(path, 0o755));
  t.is(code, 11, said);
  t.regex(said, /cannot be written: .*Nothing was changed. Give this user the right to write there/);
  await othersServe(t, client);
  await cluster.restart('n3');
  await nothingIsLost(t, started);
});

test.serial(
  'a node whose disk is full ends with the reason; nothing it acknowledged is lost, and it comes back',
  async (t) => {
    const started = await start(t);
    const { cluster, client } = started;
    await cluster.kill('n3');
    // The largest file a process may write, in blocks of 512 or 1024 bytes, stands in for a full disk.
    const args = ['-c', 'ulimit -f 2000; exec "$0" "$@"', process.execPath, NODE_PROCESS];
    const limited = spawn('/bin/sh', [...args, '--config', cluster.file, '--id', 'n3'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(() => limited.kill('SIGKILL'));
    let said = '';
    limited.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(limited, 'close') as Promise<[number]>;
    const acknowledged: string[] = [];
    for (let index = 0; limited.exitCode === null; index += 1) {
      const key = `large/${index}`;
      const stored = await client.put(key, `${index} `.padEnd(50_000, 'x'), { level: 'ALL' }).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof FulcrumError)) throw error;
          return false;
        },
      );
      if (stored) acknowledged.push(key);
      if (!stored) await client.get('key/1', { level: 'QUORUM' }).catch(() => undefined);
    }
    const [code] = await ended;
    t.is(code, 1, said);
    t.regex(said, /could not write: .*too large.*Everything acknowledged before is kept.*restart the node/i);
    t.true(acknowledged.length > 0);
    await othersServe(t, client);
    await cluster.restart('n3');
    const one = await through(t, cluster.nodes.find(({ id }) => id === 'n3')!.address);
    for (const key of acknowledged) t.true((await untilAnswered(() => one.get(key, { level: 'ONE' }))).found, key);
    await nothingIsLost(t, started);
  },
);

/** The folder and all in it, the innermost first. */
async function everything(folder: string, change: (path: string) => Promise<void>): Promise<void> {
  const inside = await readdir(folder, { recursive: true });
  for (const name of inside.sort().reverse()) await change(join(folder, name));
  await change(folder);
}
