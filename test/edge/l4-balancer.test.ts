import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import test from 'ava';
import { waitUntil } from '../../cluster/wait.js';
import { dialNode } from '../../src/edge/l4-dial.js';
import { L4Node } from '../../src/edge/l4-node.js';
import { L4Session } from '../../src/edge/l4-session.js';
import { call, HOST, NEVER_MS, shout, startBalancer, startNode } from './l4-rig.js';

const DEADLINE_MS = 60_000;

test('bytes pass both ways, and each end of the connection ends one direction only', async (t) => {
  const node = await startNode(t, 'n1', shout);
  const { balancer } = await startBalancer(t, [node]);
  const caller = call(t, balancer);
  caller.socket.end('over and out');
  t.is(await caller.over, undefined);
  t.is(caller.text, 'OVER AND OUT');
  t.true(await waitUntil(() => balancer.stats().connections.open === 0, DEADLINE_MS));
  t.like(balancer.stats(), { connections: { total: 1 }, bytes: { up: 12, down: 12 } });
});

test('a node that has ended its direction still gets what the client sends', async (t) => {
  let got = '';
  const node = await startNode(t, 'n1', (socket) => {
    socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
    socket.end('bye');
  });
  const { balancer } = await startBalancer(t, [node]);
  const caller = call(t, balancer);
  await once(caller.socket, 'end');
  t.is(caller.text, 'bye');
  caller.socket.end('one thing more');
  t.is(await caller.over, undefined);
  t.true(await waitUntil(() => got === 'one thing more', DEADLINE_MS));
});

test('a client that does not read holds its node up; nothing piles up, and nothing is lost', async (t) => {
  const chunk = Buffer.alloc(64 * 1024, 'fulcrum ');
  const chunks = 1_024;
  const node = await startNode(t, 'n1', (socket) => {
    let sent = 0;
    const send = (): void => {
      while (sent < chunks) if (((sent += 1), !socket.write(chunk))) return void socket.once('drain', send);
      socket.end();
    };
    send();
  });
  const { balancer } = await startBalancer(t, [node]);
  const { socket, over } = call(t, balancer);
  socket.removeAllListeners('data').pause().end();

  let seen = -1;
  let stillFor = 0;
  await waitUntil(() => {
    const { down } = balancer.stats().bytes;
    stillFor = down > 0 && down === seen ? stillFor + 1 : 0;
    seen = down;
    return stillFor >= 20;
  }, DEADLINE_MS);
  t.true(seen < (chunks * chunk.length) / 2, `${seen} bytes were taken for a client that reads none`);

  const hash = createHash('sha256');
  socket.on('data', (part: Buffer) => hash.update(part));
  socket.resume();
  t.is(await over, undefined);
  const expected = createHash('sha256');
  for (let index = 0; index < chunks; index += 1) expected.update(chunk);
  t.is(hash.digest('hex'), expected.digest('hex'));
});

test('connections that come all at once are spread evenly', async (t) => {
  const nodes = await Promise.all(['n1', 'n2', 'n3'].map((name) => startNode(t, name, shout)));
  const { balancer } = await startBalancer(t, nodes);
  for (let index = 0; index < 12; index += 1) call(t, balancer).socket.write('hello');
  t.true(await waitUntil(() => balancer.stats().connections.open === 12, DEADLINE_MS));
  t.deepEqual(
    balancer.stats().nodes.map(({ connections }) => connections.open),
    [4, 4, 4],
  );
});

test('connections that are being opened count: those that come at once do not all go to the emptiest node', async (t) => {
  const { backend } = await startNode(t, 'n1', shout);
  const node = new L4Node(backend, 0);
  const dialled = Promise.all([node.dial(NEVER_MS), node.dial(NEVER_MS)]);
  t.is(node.connections, 2);
  for (const one of await dialled) if (one.kind === 'connected') one.socket.destroy();
  t.is(node.connections, 0);
});

test('what a node said before it ended still reaches a client that takes it late', async (t) => {
  const accepted: Socket[] = [];
  const node = await startNode(t, 'n1', (socket) => socket.end('the last words'));
  const front = await startNode(t, 'front', (socket) => accepted.push(socket.pause()));
  const { socket, over } = call(t, { port: front.backend.address.port });
  socket.removeAllListeners('data').pause().end();
  t.true(await waitUntil(() => accepted.length === 1, DEADLINE_MS));
  const client = accepted[0]!;
  // The system takes no more, so that what follows waits in this process.
  while (client.writableLength === 0) client.write(Buffer.alloc(4_096, '.'));
  const dialled = await dialNode(node.backend.address, NEVER_MS);
  if (dialled.kind === 'failed') return t.fail(dialled.finding?.reason);
  const passed = new Promise((resolve) => new L4Session(client, dialled.socket, resolve));
  t.true(await waitUntil(() => dialled.socket.closed, DEADLINE_MS));
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString())).resume();
  t.is(await over, undefined);
  t.is(text.replaceAll('.', ''), 'the last words');
  t.deepEqual(await passed, { up: 0, down: 14 });
});

test('a node that refuses is passed over before the client notices, and is out at once', async (t) => {
  const nodes = await Promise.all(['n1', 'n2'].map((name) => startNode(t, name, shout)));
  const { balancer, events } = await startBalancer(t, nodes);
  await nodes[0]!.close();
  const caller = call(t, balancer);
  caller.socket.end('hello');
  t.is(await caller.over, undefined);
  t.is(caller.text, 'HELLO');
  t.deepEqual(events, [{ event: 'nodeDown', node: 'n1', reason: 'it refuses connections', cut: 0 }]);
  t.like(balancer.stats(), {
    connections: { total: 1, retried: 1, refused: { tooMany: 0, noNode: 0 } },
    nodes: {
      0: { state: 'down', connections: { failed: 1, total: 0 } },
      1: { state: 'up', connections: { total: 1 } },
    },
  });
});

test('where no node is ready a connection is closed at once', async (t) => {
  const node = await startNode(t, 'n1', shout);
  await node.close();
  const { balancer, events } = await startBalancer(t, [node]);
  t.is(await call(t, balancer).over, 'ECONNRESET');
  t.is(balancer.stats().connections.refused.noNode, 1);
  t.deepEqual(events, [], 'it was never up');
});

test('a connection above the greatest number is closed at once, and there is room again when one has ended', async (t) => {
  const node = await startNode(t, 'n1', shout);
  const { balancer } = await startBalancer(t, [node], { connectionsMax: 1 });
  const first = call(t, balancer);
  first.socket.write('first');
  t.true(await waitUntil(() => first.text === 'FIRST', DEADLINE_MS));
  const second = call(t, balancer);
  second.socket.on('end', () => second.socket.end());
  await second.over;
  t.is(second.text, '');
  t.is(balancer.stats().connections.refused.tooMany, 1);
  first.socket.end();
  await first.over;
  t.true(await waitUntil(() => balancer.stats().connections.open === 0, DEADLINE_MS));
  const third = call(t, balancer);
  third.socket.end('third');
  await third.over;
  t.is(third.text, 'THIRD');
});

test('a node that breaks a connection off breaks it off for the client, too', async (t) => {
  const node = await startNode(t, 'n1', (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const { balancer } = await startBalancer(t, [node]);
  const caller = call(t, balancer);
  caller.socket.write('hello');
  t.is(await caller.over, 'ECONNRESET');
  t.true(await waitUntil(() => balancer.stats().connections.open === 0, DEADLINE_MS));
});

test('a client that breaks a connection off breaks it off for the node, too, and the balancer lives on', async (t) => {
  const errors: (string | undefined)[] = [];
  const node = await startNode(t, 'n1', (socket) => {
    shout(socket);
    socket.on('error', ({ code }: NodeJS.ErrnoException) => errors.push(code));
  });
  const { balancer } = await startBalancer(t, [node]);
  const caller = call(t, balancer);
  caller.socket.write('hello');
  t.true(await waitUntil(() => caller.text === 'HELLO', DEADLINE_MS));
  caller.socket.resetAndDestroy();
  t.true(await waitUntil(() => errors.length > 0 && balancer.stats().connections.open === 0, DEADLINE_MS));
  t.deepEqual(errors, ['ECONNRESET']);
  const next = call(t, balancer);
  next.socket.end('hello');
  await next.over;
  t.is(next.text, 'HELLO');
});

test('once told to stop it takes nothing more, and lets what is open end by itself', async (t) => {
  const node = await startNode(t, 'n1', shout);
  const { balancer } = await startBalancer(t, [node]);
  const { port } = balancer;
  const caller = call(t, { port });
  caller.socket.write('a');
  t.true(await waitUntil(() => caller.text === 'A', DEADLINE_MS));
  const stopped = balancer.stop(NEVER_MS);
  t.is(await call(t, { port }).over, 'ECONNREFUSED');
  caller.socket.end('b');
  t.is(await caller.over, undefined);
  t.is(caller.text, 'AB');
  await stopped;
});

test('what has not ended by the end of the drain is cut', async (t) => {
  const node = await startNode(t, 'n1', shout);
  const { balancer } = await startBalancer(t, [node]);
  const caller = call(t, balancer);
  caller.socket.write('a');
  t.true(await waitUntil(() => caller.text === 'A', DEADLINE_MS));
  await balancer.stop(1);
  t.is(await caller.over, 'ECONNRESET');
  t.is(balancer.stats().connections.open, 0);
});

test('a stop that drains can be cut short', async (t) => {
  const node = await startNode(t, 'n1', shout);
  const { balancer } = await startBalancer(t, [node]);
  const caller = call(t, balancer);
  caller.socket.write('a');
  t.true(await waitUntil(() => caller.text === 'A', DEADLINE_MS));
  const stopped = balancer.stop(NEVER_MS);
  balancer.cut();
  await stopped;
  t.is(await caller.over, 'ECONNRESET');
});

test('a port that is taken rejects with EADDRINUSE', async (t) => {
  const node = await startNode(t, 'n1', shout);
  const { balancer } = await startBalancer(t, [node]);
  await t.throwsAsync(startBalancer(t, [node], { port: balancer.port, host: HOST }), { code: 'EADDRINUSE' });
});
