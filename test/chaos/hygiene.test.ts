/** Whatever becomes of the process that started a cluster: nothing of it is left. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { installedToxiproxy } from '../../chaos/toxiproxy/toxiproxy-process.js';
import { startChaosCluster } from '../../chaos/index.js';
import { processState } from '../../cluster/process-state.js';
import { waitUntil } from '../../cluster/wait.js';
import { ask, startSubject } from './proxy-server/subject.js';

const WAIT_MS = 60_000;
const program = fileURLToPath(new URL('./holds-a-chaos-cluster.js', import.meta.url));

async function nothingIsLeft(t: ExecutionContext, which: string, signal: NodeJS.Signals, env = {}): Promise<void> {
  const child = spawn(process.execPath, [program, which], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  t.true(await waitUntil(() => said.endsWith('\n'), WAIT_MS));
  const { pids, folder } = JSON.parse(said) as { pids: number[]; folder: string };
  t.true(pids.length >= 3);
  t.true(pids.every((pid) => processState(pid) !== 'gone'));
  child.kill(signal);
  t.true(await waitUntil(() => pids.every((pid) => processState(pid) === 'gone'), WAIT_MS), pids.join(' '));
  t.true(await waitUntil(() => !existsSync(folder), WAIT_MS));
}

const whereInstalled = installedToxiproxy() === undefined ? test.skip : test.serial;

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test.serial(`when its parent is ended by ${signal}, nodes, proxies and folder go, paused and cut off or not`, (t) =>
    nothingIsLeft(t, 'embedded', signal),
  );
  whereInstalled(`when its parent is ended by ${signal}, a real toxiproxy-server goes with it`, (t) =>
    nothingIsLeft(t, 'installed', signal),
  );
}

test.serial('the proxies of a killed parent are removed from a server that lives on', async (t) => {
  const given = await startSubject(undefined);
  t.teardown(() => given.stop());
  await nothingIsLeft(t, 'given', 'SIGKILL', { TOXIPROXY_URL: given.url });
  const hasNone = async (): Promise<boolean> =>
    Object.keys((await ask(given.url, 'GET', '/proxies')).body as object).length === 0;
  t.true(await waitUntil(hasNone, WAIT_MS));
});

test.serial('clusters run side by side, each with its own faults, and stop() ends every process', async (t) => {
  const clusters = await Promise.all([startChaosCluster({ nodes: 2 }), startChaosCluster({ nodes: 2 })]);
  t.teardown(() => Promise.all(clusters.map((cluster) => cluster.stop())));
  const [hurt, spared] = clusters;
  await hurt.partition('n1 | n2');
  t.is((await hurt.toxics()).length, 2);
  t.deepEqual(await spared.toxics(), []);
  const client = await spared.connect();
  t.is((await client.put('key', 1, { level: 'ALL' })).receipt.acks, 2);
  const pids = clusters.flatMap(({ nodes }) => nodes.map(({ pid }) => pid));
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  t.true(pids.every((pid) => processState(pid) === 'gone'));
  for (const { toxiproxy } of clusters) {
    if (toxiproxy.kind !== 'given') await t.throwsAsync(fetch(`${toxiproxy.url}/version`));
  }
});
