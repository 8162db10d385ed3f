import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { processState } from '../../cluster/process-state.js';
import { waitUntil } from '../../cluster/wait.js';
import { FulcrumError } from '../../src/core/errors.js';

const WAIT_MS = 30_000;

test.serial('a cluster answers, and stop() ends its processes and removes its folder', async (t) => {
  const cluster = await startCluster();
  t.is(cluster.nodes.length, 3);
  t.deepEqual(
    cluster.addresses,
    cluster.nodes.map((node) => node.address),
  );
  const client = await cluster.connect();
  await client.put('key', 'value', { level: 'ALL' });
  t.is((await client.get('key', { level: 'QUORUM' })).value, 'value');
  for (const node of cluster.nodes) t.is((await fetch(`http://${node.http}/readyz`)).status, 200);
  const { nodes } = cluster;
  await cluster.stop();
  await cluster.stop();
  t.true(nodes.every((node) => processState(node.pid) === 'gone'));
  t.false(existsSync(dirname(cluster.file)));
});

test.serial('kill, restart, pause and resume do what they say, and the data survives', async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const client = await cluster.connect();
  await client.put('key', 'before', { level: 'ALL' });

  const [first] = cluster.nodes;
  await cluster.kill('n1');
  t.is(processState(first!.pid), 'gone');
  t.false(cluster.nodes[0]!.running);
  await client.put('key', 'after', { level: 'QUORUM' });
  await cluster.restart('n1');
  t.true(cluster.nodes[0]!.running);
  t.not(cluster.nodes[0]!.pid, first!.pid);
  t.is((await client.get('key', { level: 'ALL' })).value, 'after');

  await cluster.pause('n2');
  t.is(processState(cluster.nodes[1]!.pid), 'stopped');
  t.is((await client.get('key', { level: 'QUORUM' })).value, 'after');
  await cluster.resume('n2');
  t.is(processState(cluster.nodes[1]!.pid), 'running');

  await t.throwsAsync(cluster.kill('n9'), { instanceOf: FulcrumError, message: /no node "n9"/ });
  await cluster.kill('n3');
  await t.throwsAsync(cluster.pause('n3'), { message: /n3 is not running/ });
});

test.serial('restarts of one node that are asked for at once happen one after the other', async (t) => {
  await using cluster = await startCluster({ nodes: 1 });
  await (await cluster.connect()).put('key', 'kept');
  const [first] = cluster.nodes;
  await Promise.all([cluster.restart('n1'), cluster.restart('n1')]);
  t.true(cluster.nodes[0]!.running);
  t.not(cluster.nodes[0]!.pid, first!.pid);
  t.is((await (await cluster.connect()).get('key')).value, 'kept');
  const restarting = t.throwsAsync(cluster.restart('n1'), { message: /has been stopped/ });
  const { pid } = cluster.nodes[0]!;
  await cluster.stop();
  await restarting;
  t.is(cluster.nodes[0]!.pid, pid, 'none is started behind the back of a cluster that stops');
});

test.serial('several clusters run side by side', async (t) => {
  const clusters = await Promise.all([startCluster({ nodes: 1 }), startCluster({ nodes: 1, policy: 'PC/EL' })]);
  t.teardown(() => Promise.all(clusters.map((cluster) => cluster.stop())));
  for (const [index, cluster] of clusters.entries()) {
    await (await cluster.connect()).put('key', index);
  }
  const values = clusters.map(async (cluster) => (await (await cluster.connect()).get('key')).value);
  t.deepEqual(await Promise.all(values), [0, 1]);
});

test.serial('a folder that was given is kept, and found again', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  {
    await using cluster = await startCluster({ nodes: 1, folder });
    await (await cluster.connect()).put('key', 'kept');
  }
  await using again = await startCluster({ folder });
  t.is(again.nodes.length, 1);
  t.is((await (await again.connect()).get('key')).value, 'kept');
});

test.serial('numbers that make no cluster are refused', async (t) => {
  await t.throwsAsync(startCluster({ nodes: 2, replicas: 3 }), {
    code: 'INVALID_ARGUMENT',
    message: /3 replicas need/,
  });
});

test.serial('a node that cannot start is reported with the end of its log', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await (await startCluster({ nodes: 2, folder })).stop();
  const identity = join(folder, 'n2', 'identity.json');
  await writeFile(identity, (await readFile(identity, 'utf8')).replace('"n2"', '"n7"'));
  await t.throwsAsync(startCluster({ folder }), {
    code: 'UNAVAILABLE',
    message: /Node n2 .*log:.*belongs to node n7/s,
  });
});

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test.serial(`when the process is ended by ${signal}, its nodes end and its folder is removed`, async (t) => {
    const program = fileURLToPath(new URL('./holds-a-cluster.js', import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    t.true(await waitUntil(() => said.endsWith('\n'), WAIT_MS));
    const { pids, folder } = JSON.parse(said) as { pids: number[]; folder: string };
    t.true(pids.every((pid) => processState(pid) !== 'gone'));
    t.is(processState(pids[1]!), 'stopped');
    child.kill(signal);
    t.true(await waitUntil(() => pids.every((pid) => processState(pid) === 'gone'), WAIT_MS));
    t.true(await waitUntil(() => !existsSync(folder), WAIT_MS));
  });
}
