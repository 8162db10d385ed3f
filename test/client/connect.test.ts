import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connect, FulcrumError } from '../../src/index.js';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fulcrum-connect-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

/** An address where nobody listens: one that was free a moment ago. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return `127.0.0.1:${port}`;
}

async function refused(t: ExecutionContext, connecting: Promise<unknown>): Promise<FulcrumError> {
  return t.throwsAsync(connecting, { instanceOf: FulcrumError });
}

test('without a cluster file connect says what to do', async (t) => {
  const file = join(await folder(t), 'cluster.json');
  const error = await refused(t, connect({ cluster: file }));
  t.is(error.code, 'NOT_FOUND');
  t.true(error.message.includes(file) && error.message.includes('fulcrum up'));
  t.truthy(error.cause);
});

test('a cluster file that is none is refused by its name', async (t) => {
  const file = join(await folder(t), 'cluster.json');
  await writeFile(file, '{"nodes": 3}');
  const error = await refused(t, connect({ cluster: file }));
  t.is(error.code, 'INVALID_ARGUMENT');
  t.true(error.message.includes(file));
});

test('nodes and a cluster file exclude each other', async (t) => {
  const error = await refused(t, connect({ nodes: ['127.0.0.1:1'], cluster: 'x.json' }));
  t.is(error.code, 'INVALID_ARGUMENT');
});

for (const wrong of ['', 'nonsense', '127.0.0.1:7401,']) {
  test(`"${wrong}" is not a list of addresses`, async (t) => {
    const error = await refused(t, connect(wrong));
    t.is(error.code, 'INVALID_ARGUMENT');
  });
}

test('a cluster of which nothing runs is UNAVAILABLE, naming every address', async (t) => {
  const addresses = await Promise.all([deadAddress(), deadAddress()]);
  const file = join(await folder(t), 'cluster.json');
  await writeFile(file, JSON.stringify({ nodes: addresses.map((address, index) => ({ id: `n${index}`, address })) }));
  for (const connecting of [connect(addresses.join(', ')), connect({ nodes: addresses }), connect({ cluster: file })]) {
    const error = await refused(t, connecting);
    t.is(error.code, 'UNAVAILABLE', error.message);
    t.true(error.definite);
    for (const address of addresses) t.true(error.message.includes(address), error.message);
  }
});
