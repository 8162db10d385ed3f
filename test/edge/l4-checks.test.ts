import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { waitUntil } from '../../cluster/wait.js';
import type { L4Endpoint } from '../../src/edge/l4-backend.js';
import { call, HOST, shout, startBalancer, startNode } from './l4-rig.js';

const DEADLINE_MS = 60_000;
const OFTEN_MS = 5;

/** The HTTP side of a node. `status` 0: it takes questions and says nothing. */
async function startReadiness(t: ExecutionContext): Promise<{ http: L4Endpoint; status: number; asked: string[] }> {
  const state = { http: { host: HOST, port: 0 }, status: 200, asked: [] as string[] };
  const server = createServer((request, response) => {
    state.asked.push(`${request.method} ${request.url}`);
    if (state.status !== 0) response.writeHead(state.status).end('{}');
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  state.http.port = (server.address() as AddressInfo).port;
  return state;
}

test('a node that says it is not ready goes out, its connections are cut, and it comes back when it is ready', async (t) => {
  const readiness = await startReadiness(t);
  const node = await startNode(t, 'n1', shout, readiness.http);
  const { balancer, events } = await startBalancer(t, [node], { checkPeriodMs: OFTEN_MS });
  const caller = call(t, balancer);
  caller.socket.write('hello');
  t.true(await waitUntil(() => caller.text === 'HELLO', DEADLINE_MS));

  readiness.status = 503;
  t.is(await caller.over, 'ECONNRESET');
  const reason = `${HOST}:${readiness.http.port}/readyz says 503`;
  t.deepEqual(events, [{ event: 'nodeDown', node: 'n1', reason, cut: 1 }]);
  t.is(await call(t, balancer).over, 'ECONNRESET', 'no node is ready');

  readiness.status = 200;
  t.true(await waitUntil(() => events.length === 2, DEADLINE_MS));
  t.deepEqual(events[1], { event: 'nodeUp', node: 'n1' });
  const next = call(t, balancer);
  next.socket.end('again');
  await next.over;
  t.is(next.text, 'AGAIN');
  t.deepEqual([...new Set(readiness.asked)], ['GET /readyz']);
});

test('the clients of a node that goes out move to the others', async (t) => {
  const readiness = await startReadiness(t);
  const nodes = [await startNode(t, 'n1', shout, readiness.http), await startNode(t, 'n2', shout)];
  const { balancer, events } = await startBalancer(t, nodes, { checkPeriodMs: OFTEN_MS });
  const callers = [call(t, balancer), call(t, balancer)];
  for (const { socket } of callers) socket.write('a');
  t.true(await waitUntil(() => callers.every(({ text }) => text === 'A'), DEADLINE_MS));
  readiness.status = 503;
  t.true(await waitUntil(() => events.length === 1, DEADLINE_MS));
  t.deepEqual(
    balancer.stats().nodes.map(({ connections: { open, cut } }) => [open, cut]),
    [
      [0, 1],
      [1, 0],
    ],
  );
  const moved = call(t, balancer);
  moved.socket.write('b');
  t.true(await waitUntil(() => moved.text === 'B', DEADLINE_MS));
});

test('a node that does not answer in time goes out', async (t) => {
  const readiness = await startReadiness(t);
  const node = await startNode(t, 'n1', shout, readiness.http);
  const { balancer, events } = await startBalancer(t, [node], { checkPeriodMs: OFTEN_MS, timeoutMs: 500 });
  t.is(balancer.stats().nodes[0]!.state, 'up');
  readiness.status = 0;
  t.true(await waitUntil(() => events.length > 0, DEADLINE_MS));
  t.like(events[0], { event: 'nodeDown', node: 'n1', cut: 0 });
  t.regex((events[0] as { reason: string }).reason, /does not answer within 500 ms/);
});

test('a node known by its address alone is out while nobody listens there', async (t) => {
  const nodes = [await startNode(t, 'n1', shout), await startNode(t, 'n2', shout)];
  const { balancer, events } = await startBalancer(t, nodes, { checkPeriodMs: OFTEN_MS });
  await nodes[1]!.close();
  t.true(await waitUntil(() => events.length > 0, DEADLINE_MS));
  t.deepEqual(events, [{ event: 'nodeDown', node: 'n2', reason: 'it refuses connections', cut: 0 }]);
  t.deepEqual(
    balancer.stats().nodes.map(({ state }) => state),
    ['up', 'down'],
  );
});

test('a node that refuses connections does not come back because its HTTP side is well', async (t) => {
  const readiness = await startReadiness(t);
  const node = await startNode(t, 'n1', shout, readiness.http);
  const { balancer, events } = await startBalancer(t, [node], { checkPeriodMs: OFTEN_MS });
  await node.close();
  t.is(await call(t, balancer).over, 'ECONNRESET');
  const before = readiness.asked.length;
  t.true(await waitUntil(() => readiness.asked.length > before + 5, DEADLINE_MS));
  t.deepEqual(
    events.map(({ event }) => event),
    ['nodeDown'],
  );
  t.is(balancer.stats().nodes[0]!.state, 'down');
});
