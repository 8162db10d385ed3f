import test from 'ava';
import { Ring } from '../../src/core/ring.js';
import { connected, fails, keyOf, opening, world } from './connected.js';
import { mutated, valueReply } from './fake-cluster.js';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];

test('a client that is given one address finds the other nodes', async (t) => {
  const { client, cluster } = await connected();
  t.deepEqual(cluster.pipes.map(({ address }) => address).sort(), ['n1:7401', 'n2:7401', 'n3:7401']);
  t.deepEqual(client.cluster, {
    name: 'test',
    policy: 'PC/EC',
    replicas: 3,
    nodes: ['n1', 'n2', 'n3'].map((id) => ({ id, address: `${id}:7401`, connected: true })),
  });
});

test('with discover: false only the given nodes are used', async (t) => {
  const { cluster } = await connected({ discover: false });
  t.deepEqual(
    cluster.pipes.map(({ address }) => address),
    ['n1:7401'],
  );
});

test('a request goes to the primary of its key', async (t) => {
  const { client, cluster, clock } = await connected({ nodes: FIVE });
  cluster.script = () => valueReply(null);
  const ring = new Ring({ nodes: FIVE, replicas: 3 });
  const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
  for (const key of keys) await Promise.all([client.get(key), clock.turn()]);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    keys.map((key) => ring.primary(key)),
  );
});

test('the next home replica takes writes for a primary that is not connected, and any node for all of them', async (t) => {
  const { client, cluster, clock } = await connected({ nodes: FIVE });
  cluster.script = (_, request) => mutated(request);
  const homes = new Ring({ nodes: FIVE, replicas: 3 }).homeReplicas('key');
  for (const node of homes) {
    cluster.down.add(node);
    cluster.pipeTo(node).lose('killed');
    await Promise.all([client.put('key', 1), clock.turn()]);
  }
  const asked = cluster.received.map(({ node }) => node);
  t.deepEqual(asked.slice(0, 2), homes.slice(1));
  t.is(asked.length, 3);
  t.false(homes.includes(asked[2]!));
});

test('addresses that lead to nodes already known are recognised by the node’s name', async (t) => {
  const here = world();
  const given = [{ address: 'alias-n1:1' }, { address: 'alias-n2:1' }, { address: 'alias-n3:1' }];
  const client = opening(here, given);
  await here.clock.turn();
  t.deepEqual(
    (await client).cluster.nodes.map(({ id, address }) => [id, address]),
    [
      ['n1', 'alias-n1:1'],
      ['n2', 'alias-n2:1'],
      ['n3', 'alias-n3:1'],
    ],
  );
  t.is(here.cluster.pipes.length, 3, 'no second pipe is opened to any of them');
});

test('two given addresses of one node make one connection', async (t) => {
  const here = world({ nodes: ['n1'], replicas: 1 });
  const client = opening(here, [{ address: 'alias-n1:1' }, { address: 'n1:7401' }]);
  await here.clock.turn();
  t.is((await client).cluster.nodes.length, 1);
  t.is(here.cluster.pipes.filter(({ isClosed }) => !isClosed).length, 1);
});

test('a node that belongs to another cluster by now is not used', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.name = 'other';
  cluster.pipeTo('n2').lose('restarted');
  await clock.pass(3_000);
  t.deepEqual(
    client.cluster.nodes.map(({ connected: isConnected }) => isConnected),
    [true, false, true],
  );
  t.is(client.cluster.name, 'test');
  cluster.name = 'test';
  await clock.pass(3_000);
  t.true(client.cluster.nodes[1]!.connected);
});

test('connecting fails at once where every address is refused, and says why', async (t) => {
  const here = world();
  for (const node of here.cluster.nodes) here.cluster.down.add(node);
  const error = fails(t, opening(here, [{ address: 'n1:7401' }, { address: 'n2:7401' }]), 'UNAVAILABLE');
  await here.clock.turn();
  t.regex((await error).message, /n1:7401.*connection refused.*n2:7401.*connection refused/);
  t.true((await error).definite);
  t.is(here.clock.timers, 0, 'nothing goes on in the background');
});

test('connecting fails after two seconds where nodes accept and say nothing', async (t) => {
  const here = world();
  for (const node of here.cluster.nodes) here.cluster.silent.add(node);
  const error = fails(t, opening(here), 'UNAVAILABLE');
  await here.clock.pass(2_000);
  t.regex((await error).message, /did not answer|not connected/);
  t.is(here.clock.timers, 0);
});

test('one silent node does not hold up connecting for long', async (t) => {
  const here = world();
  here.cluster.silent.add('n2');
  const client = opening(here);
  await here.clock.pass(250);
  t.deepEqual(
    (await client).cluster.nodes.map(({ connected: isConnected }) => isConnected),
    [true, false, true],
  );
});

test('a lost connection is opened again, sooner at first and every second and a half at most', async (t) => {
  const { cluster, clock, client } = await connected();
  cluster.down.add('n2');
  cluster.pipeTo('n2').lose('killed');
  const openedAfterMs: number[] = [];
  const before = cluster.pipes.length;
  for (let ms = 0; ms < 8_000; ms += 25) {
    const known = cluster.pipes.length;
    await clock.pass(25);
    if (cluster.pipes.length > known) openedAfterMs.push(ms + 25);
  }
  t.deepEqual(openedAfterMs.slice(0, 5), [75, 225, 525, 1125, 2250]);
  t.true(cluster.pipes.length - before < 12);
  cluster.down.delete('n2');
  await clock.pass(2_000);
  t.true(client.cluster.nodes[1]!.connected);
});

test('a node that was found follows the address that the cluster announces, a given address stays', async (t) => {
  const { client, cluster, clock } = await connected();
  for (const node of ['n1', 'n2']) cluster.move(node, `${node}:9000`);
  cluster.pipeTo('n3').lose('reset');
  await clock.pass(100);
  for (const pipe of cluster.pipes) if (pipe.address !== 'n3:7401') pipe.lose('moved');
  await clock.pass(3_000);
  t.deepEqual(
    client.cluster.nodes.map(({ address, connected: isConnected }) => [address, isConnected]),
    [
      ['n1:7401', false],
      ['n2:9000', true],
      ['n3:7401', true],
    ],
  );
});

test('a pipe that does not take what it is given is passed over', async (t) => {
  const { client, cluster, clock } = await connected();
  const key = keyOf(['n1', 'n2', 'n3']);
  cluster.pipeTo('n1').queuedBytes = 100 * 1024 * 1024;
  cluster.script = () => valueReply(null);
  await Promise.all([client.get(key), clock.turn()]);
  await Promise.all([client.get(key), clock.turn()]);
  cluster.pipeTo('n1').queuedBytes = 0;
  await Promise.all([client.get(key), clock.turn()]);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n1', 'n3', 'n1'],
  );
});
