import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { choosePorts } from '../../cluster/chosen-ports.js';
import { isFree, nextFreePort, randomFreePorts } from '../../cluster/free-ports.js';
import { claimPort } from '../../cluster/port-claims.js';
import { localTopology } from '../../cluster/topology.js';

async function occupy(port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

test('random ports are different and below those of outgoing connections', async (t) => {
  const ports = await randomFreePorts(20);
  t.is(new Set(ports).size, 20);
  t.true(ports.every((port) => port >= 20_000 && port < 32_768));
});

test('a port of a living process is not drawn again, also where nobody listens on it; that of a dead one is', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  t.teardown(() => other.kill('SIGKILL'));
  await writeFile(join(folder, '20001'), String(other.pid));
  t.false(claimPort(20_001, folder));
  t.true(claimPort(20_002, folder));
  t.false(claimPort(20_002, folder), 'its own');
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  t.true(claimPort(20_001, folder));
  t.is(await readFile(join(folder, '20001'), 'utf8'), String(process.pid));
});

test('where no claims can be kept, or one is damaged, ports are given all the same', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'file'), '');
  t.true(claimPort(20_001, join(folder, 'file')));
  await writeFile(join(folder, '20003'), 'nobody');
  t.true(claimPort(20_003, folder));
});

test('a claim that is a link to another file leaves that file alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'precious'), 'kept');
  await symlink(join(folder, 'precious'), join(folder, '20004'));
  t.true(claimPort(20_004, folder));
  t.is(await readFile(join(folder, 'precious'), 'utf8'), 'kept');
  t.is(await readFile(join(folder, '20004'), 'utf8'), String(process.pid));
});

test('a port that is listened to is not free, and is skipped', async (t) => {
  const { port, server } = await occupy();
  t.false(await isFree(port));
  t.true((await nextFreePort(port, new Set())) > port);
  server.close();
});

test('a port that was chosen before is skipped', async (t) => {
  const [port = 0] = await randomFreePorts(1);
  const next = await nextFreePort(port, new Set([port]));
  t.true(next > port);
});

test('a cluster keeps its ports, except one that is taken, which is named', async (t) => {
  const grpcPorts = await randomFreePorts(2);
  const httpPorts = await randomFreePorts(2);
  const existing = localTopology({ name: 'kept', nodes: 2, grpcPorts, httpPorts });
  const { server } = await occupy(grpcPorts[1]);
  const ports = await choosePorts(2, existing, {});
  server.close();
  t.is(ports.grpc[0], grpcPorts[0]);
  t.deepEqual(ports.http, httpPorts);
  t.deepEqual(ports.moved, [{ index: 1, server: 'gRPC', taken: grpcPorts[1]!, used: ports.grpc[1]! }]);
});
