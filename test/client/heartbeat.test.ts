import test from 'ava';
import type { ClientEvent } from '../../src/client/events.js';
import { askedOf, connected, goodReply, keyOf, settled, type Connected } from './connected.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

function isConnected({ client }: Connected, node: string): boolean {
  return client.cluster.nodes.find(({ id }) => id === node)!.connected;
}

async function answering(): Promise<Connected> {
  const here = await connected();
  here.cluster.script = goodReply;
  return here;
}

test('nodes that say nothing are asked four times a second whether they are there, busy ones are not', async (t) => {
  const here = await answering();
  for (let ms = 0; ms < 4_000; ms += 100) {
    await settled(here, here.client.get(KEY), 1);
    await here.clock.pass(99);
  }
  const [busy, idle] = ['n1', 'n2'].map((node) => here.cluster.pipeTo(node).echoes);
  t.true(busy! <= 1, `the busy one was asked ${busy} times`);
  t.true(idle! >= 7 && idle! <= 17, `the idle one was asked ${idle} times`);
});

test('a node that freezes is passed over after a second or so, before it has failed a single call', async (t) => {
  const here = await answering();
  const told: ClientEvent[] = [];
  here.client.onEvent((event) => told.push(event));
  await here.clock.pass(300);
  here.cluster.frozen.add('n1');
  await here.clock.pass(1_500);
  t.false(isConnected(here, 'n1'));
  const startedMs = here.clock.nowMs;
  await settled(here, here.client.get(KEY), 1);
  await settled(here, here.client.put(KEY, 1), 1);
  t.true(here.clock.nowMs - startedMs <= 2, 'nobody waits for it');
  t.is(askedOf(here)['n1'], undefined);
  t.deepEqual(
    told.map((event) => [event.kind, 'node' in event ? event.node : '']),
    [
      ['connection', 'n1'],
      ['failover', 'n1'],
    ],
  );
});

test('one that thaws before its connection was given up is used again at once', async (t) => {
  const here = await answering();
  here.cluster.frozen.add('n1');
  await here.clock.pass(1_800);
  t.false(isConnected(here, 'n1'));
  here.cluster.frozen.delete('n1');
  const { pipes } = here.cluster;
  const before = pipes.length;
  here.cluster.pipeTo('n1').events.echoed([0]);
  t.true(isConnected(here, 'n1'));
  await settled(here, here.client.put(KEY, 1));
  t.is(askedOf(here)['n1'], 1);
  t.is(pipes.length, before);
});

test('a connection that stays silent is replaced, and a healed node used within two seconds', async (t) => {
  for (const frozenMs of [3_500, 7_000, 20_300, 61_100]) {
    const here = await answering();
    const old = here.cluster.pipeTo('n1');
    here.cluster.frozen.add('n1');
    await here.clock.pass(frozenMs);
    t.true(old.isClosed);
    here.cluster.frozen.delete('n1');
    await here.clock.pass(2_000);
    t.true(isConnected(here, 'n1'), `frozen for ${frozenMs} ms`);
    here.cluster.received.length = 0;
    await settled(here, here.client.put(KEY, 1));
    t.deepEqual(askedOf(here), { n1: 1 }, `frozen for ${frozenMs} ms`);
  }
});

test('a node that was down, and whose breaker had opened, is used again within two seconds', async (t) => {
  for (const downMs of [300, 4_000, 40_000]) {
    const here = await connected({ breaker: { callsMin: 4 } });
    const calls = Promise.allSettled(Array.from({ length: 20 }, (_, index) => here.client.put(KEY, index)));
    await here.clock.turn();
    here.cluster.script = goodReply;
    here.cluster.down.add('n1');
    here.cluster.pipeTo('n1').lose('killed');
    await settled(here, calls);
    t.is(here.client.breakers[0]!.state.kind, 'open');
    await here.clock.pass(downMs);
    here.cluster.down.delete('n1');
    await here.clock.pass(2_000);
    here.cluster.received.length = 0;
    await settled(here, Promise.all(Array.from({ length: 5 }, () => here.client.put(KEY, 1))));
    t.true(askedOf(here)['n1']! >= 3, `down for ${downMs} ms: ${JSON.stringify(askedOf(here))}`);
  }
});

test('a node that is silent is asked all the same where nobody else can be', async (t) => {
  const here = await answering();
  for (const node of here.cluster.nodes) here.cluster.frozen.add(node);
  await here.clock.pass(1_500);
  const put = here.client.put(KEY, 1);
  await here.clock.turn();
  const [first] = here.cluster.received;
  t.is(first?.node, 'n1');
  here.cluster.frozen.clear();
  first!.pipe.answer(first!.sent, goodReply('n1', first!.request));
  await settled(here, put);
});

test('calls that are out on a connection that is replaced go on elsewhere as the same operation', async (t) => {
  const here = await connected({ attemptTimeoutMs: 10_000, timeoutMs: 10_000 });
  here.cluster.script = goodReply;
  here.cluster.frozen.add('n1');
  const put = here.client.put(KEY, 1);
  await here.clock.turn();
  await here.clock.pass(3_500);
  t.is((await put).receipt.coordinator, 'n2');
});

test('a process that was itself stopped does not take its own pause for its nodes’ silence', async (t) => {
  const here = await answering();
  await here.clock.pass(1_000);
  here.clock.nowMs += 60_000;
  await here.clock.pass(300);
  t.deepEqual(
    here.cluster.pipes.filter(({ isClosed }) => isClosed),
    [],
  );
  t.true(isConnected(here, 'n1'));
});

test('a node that takes what is sent to it, however slowly, is not given up', async (t) => {
  const here = await answering();
  here.cluster.frozen.add('n1');
  const pipe = here.cluster.pipeTo('n1');
  for (let queued = 60; queued > 0; queued -= 1) {
    pipe.queuedBytes = queued * 1_024;
    await here.clock.pass(250);
  }
  t.false(pipe.isClosed);
});

test('a connection is told of when it changes, not every time that it cannot be made', async (t) => {
  const here = await answering();
  const told: ClientEvent[] = [];
  here.client.onEvent((event) => {
    if (event.kind === 'connection') told.push(event);
  });
  here.cluster.down.add('n3');
  here.cluster.pipeTo('n3').lose('killed');
  await here.clock.pass(20_000);
  here.cluster.down.delete('n3');
  await here.clock.pass(2_000);
  t.deepEqual(
    told.map((event) => event.kind === 'connection' && [event.node, event.connected]),
    [
      ['n3', false],
      ['n3', true],
    ],
  );
});

test('a change of the policy is learnt from whichever node says so first', async (t) => {
  const here = await answering();
  const told: ClientEvent[] = [];
  here.client.onEvent((event) => told.push(event));
  here.cluster.policy = 'PA/EL';
  here.cluster.announce('n2');
  await here.clock.turn();
  t.is(here.client.cluster.policy, 'PA/EL');
  t.deepEqual(told, [{ kind: 'cluster', policy: 'PA/EL', nodes: ['n1', 'n2', 'n3'] }]);
  await settled(here, here.client.get(KEY));
  t.like(here.cluster.received[0]!.request, { level: 'ONE' });
});

test('nodes that join are found, and keys are asked of their new home replicas', async (t) => {
  const here = await connected();
  here.cluster.script = goodReply;
  here.cluster.join('n4');
  here.cluster.announce('n1');
  await here.clock.pass(100);
  t.deepEqual(
    here.client.cluster.nodes.map(({ id, connected: open }) => [id, open]),
    ['n1', 'n2', 'n3', 'n4'].map((id) => [id, true]),
  );
  const key = keyOf(['n4', 'n1', 'n2'], ['n1', 'n2', 'n3', 'n4']);
  await settled(here, here.client.put(key, 1));
  t.deepEqual(askedOf(here), { n4: 1 });
});
