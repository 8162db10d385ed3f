/** Which Toxiproxy a cluster uses, and what becomes of one that was given. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startChaosCluster } from '../../../chaos/index.js';
import { chooseToxiproxy } from '../../../chaos/toxiproxy/toxiproxy-choice.js';
import { installedToxiproxy } from '../../../chaos/toxiproxy/toxiproxy-process.js';
import { ask, startSubject } from '../proxy-server/subject.js';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test('the program is looked for in the folders of the PATH, in order', async (t) => {
  const [first, second] = [await folder(t), await folder(t)];
  const file = join(second, 'toxiproxy-server');
  await writeFile(file, '#!/bin/sh\n');
  t.is(installedToxiproxy(`${first}:${second}`), undefined, 'it cannot be run');
  await chmod(file, 0o755);
  t.is(installedToxiproxy(`${first}:${second}`), file);
  t.is(installedToxiproxy(''), undefined);
});

test('without TOXIPROXY_URL and without the program it is the embedded server', async (t) => {
  const logFile = join(await folder(t), 'log');
  const chosen = await chooseToxiproxy({ withParent: true, logFile, env: { PATH: '' } });
  t.teardown(() => chosen.process?.stop());
  t.is(chosen.kind, 'embedded');
  t.is((await ask(chosen.url, 'GET', '/version')).status, 200);
});

test('TOXIPROXY_URL comes first, and must be on this machine', async (t) => {
  const options = { withParent: true, logFile: join(await folder(t), 'log') };
  const chosen = await chooseToxiproxy({ ...options, env: { TOXIPROXY_URL: 'http://localhost:8474/' } });
  t.deepEqual(chosen, { kind: 'given', url: 'http://localhost:8474', process: undefined });
  for (const TOXIPROXY_URL of ['http://192.0.2.1:8474', 'https://localhost:8474', 'localhost:8474', 'there']) {
    await t.throwsAsync(chooseToxiproxy({ ...options, env: { TOXIPROXY_URL } }), { code: 'INVALID_ARGUMENT' });
  }
  const installed = chooseToxiproxy({ ...options, use: 'installed', env: { PATH: '' } });
  await t.throwsAsync(installed, { message: /no toxiproxy-server on the PATH/ });
});

test.serial(
  'a given server is used, loses the proxies of the cluster that has ended, and keeps the others',
  async (t) => {
    const given = await startSubject(undefined);
    t.teardown(() => given.stop());
    await ask(given.url, 'POST', '/proxies', { name: 'other', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' });
    await ask(given.url, 'POST', '/proxies/other/toxics', { type: 'latency' });
    process.env['TOXIPROXY_URL'] = given.url;
    const started = startChaosCluster({ nodes: 2 });
    await started.finally(() => delete process.env['TOXIPROXY_URL']);
    const cluster = await started;
    t.teardown(() => cluster.stop());
    t.deepEqual(cluster.toxiproxy, { kind: 'given', url: given.url });
    await cluster.partition('n1 | n2');
    await cluster.heal();
    const names = async (): Promise<string[]> =>
      Object.keys((await ask(given.url, 'GET', '/proxies')).body as object).sort();
    t.is((await names()).length, 5);
    await cluster.stop();
    t.deepEqual(await names(), ['other']);
    t.is(((await ask(given.url, 'GET', '/proxies/other/toxics')).body as unknown[]).length, 1);
  },
);
