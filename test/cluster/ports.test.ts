import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import test from 'ava';
import { choosePorts } from '../../cluster/chosen-ports.js';
import { isFree, nextFreePort, randomFreePorts } from '../../cluster/free-ports.js';
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
