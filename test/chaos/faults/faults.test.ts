/** Each fault has its effect in the stated direction and in no other, and goes away. */
import test, { type ExecutionContext } from 'ava';
import {
  bandwidth,
  kill,
  latency,
  partition,
  pause,
  resets,
  startChaosCluster,
  type ChaosCluster,
  type Fault,
} from '../../../chaos/index.js';
import { lookAlong } from '../../../chaos/faults/direction-probe.js';
import { confirmed } from '../../../chaos/faults/fault.js';
import { waitUntil } from '../../../cluster/wait.js';
import { FulcrumError } from '../../../src/core/errors.js';

const WAIT_MS = 30_000;

let shared: Promise<ChaosCluster> | undefined;
const clusterOfAll = (): Promise<ChaosCluster> => (shared ??= startChaosCluster({ nodes: 3 }));

test.after.always(async () => (await shared)?.stop());

async function whole(t: ExecutionContext): Promise<ChaosCluster> {
  const cluster = await clusterOfAll();
  t.teardown(() => cluster.heal());
  return cluster;
}

/** Unhealed it is there, healed it is not, and healing again does no harm. */
async function comesAndGoes(t: ExecutionContext, cluster: ChaosCluster, fault: Fault): Promise<void> {
  t.not(await fault.probe(), undefined, 'it is not there before');
  await cluster.inject(fault);
  t.is(await fault.probe(), undefined);
  await fault.heal();
  t.not(await fault.probe(), undefined, 'it is not there after');
  await fault.heal();
}

test.serial('a partition comes and goes', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, partition(cluster, 'n1 | n2 n3'));
});

test.serial('a one-way cut lets the other direction through', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, partition(cluster, 'n1 > n2'));
  await cluster.inject(partition(cluster, 'n1 > n2'));
  const isOneWay = async (): Promise<boolean> => {
    const there = await lookAlong(cluster, 'n1', 'n2', { timeoutMs: 1_000 });
    const back = await lookAlong(cluster, 'n2', 'n1', { timeoutMs: 1_000 });
    // Where n1 dialled, n2 never hears the question, though what it says first arrives.
    t.is(there.asked?.roundTripMs, undefined);
    // Where n2 dialled, n1 hears the question and its answer is lost.
    t.is(back.asked?.firstFrameMs, undefined);
    return there.nodesAnswer && there.asked?.firstFrameMs !== undefined;
  };
  t.true(await waitUntil(isOneWay, WAIT_MS));
});

test.serial('clients can be cut off from one node alone', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, partition(cluster, 'clients | n1'));
});

test.serial('latency comes and goes, in one direction', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, latency(cluster, { from: 'n1', to: 'n2', ms: 300, jitterMs: 50 }));
  const { attributes } = await only(cluster, latency(cluster, { from: 'n1', to: 'n2', ms: 300 }));
  t.deepEqual(attributes, { latency: 300, jitter: 0 });
});

test.serial('a slow client path comes and goes, and slows answers', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, latency(cluster, { from: 'clients', to: '*', ms: 200 }));
  await cluster.inject(latency(cluster, { from: '*', to: 'clients', ms: 300 }));
  const client = await cluster.connect({ hedge: false });
  const startMs = performance.now();
  await client.put('key', 1);
  t.true(performance.now() - startMs >= 295);
});

test.serial('bandwidth comes and goes', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, bandwidth(cluster, { from: 'n2', to: 'n3', kbPerSecond: 50 }));
});

test.serial('resets come and go', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, resets(cluster, { from: 'n3', to: 'n1' }));
});

test.serial('a killed node is started again, a paused one goes on', async (t) => {
  const cluster = await whole(t);
  await comesAndGoes(t, cluster, pause(cluster, 'n2'));
  await comesAndGoes(t, cluster, kill(cluster, 'n2'));
  t.true(cluster.nodes.every(({ running }) => running));
});

test.serial('faults put together are taken back one by one', async (t) => {
  const cluster = await whole(t);
  const cut = partition(cluster, 'n1 > n2');
  const slow = latency(cluster, { from: 'n1', to: 'n2', ms: 100 });
  const other = latency(cluster, { from: 'n1', to: 'n2', ms: 50 });
  for (const fault of [cut, slow, other]) await cluster.inject(fault);
  t.is((await cluster.toxics()).length, 3);
  await slow.heal();
  t.deepEqual(
    (await cluster.toxics()).map(({ attributes }) => attributes),
    [{ timeout: 0 }, { latency: 50, jitter: 0 }],
  );
  t.is(await cut.probe(), undefined);
});

test.serial('a second partition replaces the first, and leaves the rest alone', async (t) => {
  const cluster = await whole(t);
  await cluster.latency('n1', 'n2', 30);
  await cluster.partition('n1 | n2 n3');
  await cluster.partition('n1 > n2');
  const placed = (await cluster.toxics()).map(({ label, from, to }) => `${label} ${from} > ${to}`).sort();
  t.deepEqual(placed, ['latency n1 > n2', 'partition n1 > n2']);
  await cluster.latency('n1', 'n2', 0);
  t.deepEqual(
    (await cluster.toxics()).map(({ label }) => label),
    ['partition'],
  );
});

test.serial('heal makes everything whole at once: cuts, a killed node and a paused one', async (t) => {
  const cluster = await whole(t);
  await cluster.partition('isolate n1');
  await cluster.kill('n2');
  await cluster.pause('n3');
  await cluster.heal();
  const client = await cluster.connect();
  t.is((await client.put('key', 'whole', { level: 'ALL' })).receipt.acks, 3);
});

test.serial('a node is started again while it is cut off', async (t) => {
  const cluster = await whole(t);
  await cluster.partition('isolate n2');
  await cluster.kill('n2');
  await cluster.restart('n2');
  t.true(cluster.nodes[1]!.running);
});

test.serial('a fault whose effect is not seen is taken back, and said so', async (t) => {
  const cluster = await whole(t);
  const cut = partition(cluster, 'n1 > n2');
  let healed = false;
  const without: Fault = {
    ...cut,
    probe: () => Promise.reject(new Error('nobody can look')),
    heal: async () => {
      healed = true;
      await cut.heal();
    },
  };
  await t.throwsAsync(confirmed(without), { message: 'nobody can look' });
  t.true(healed);
  t.deepEqual(await cluster.toxics(), []);
});

test.serial('what makes no sense is refused before anything happens', async (t) => {
  const cluster = await whole(t);
  for (const wrong of [
    () => latency(cluster, { from: 'n1', to: 'n1', ms: 1 }),
    () => latency(cluster, { from: 'n1', to: 'n9', ms: 1 }),
    () => latency(cluster, { from: 'n1', to: 'n2', ms: -1 }),
    () => latency(cluster, { from: 'n1', to: 'n2', ms: 1, jitterMs: 2 }),
    () => bandwidth(cluster, { from: 'n1', to: 'n2', kbPerSecond: 0 }),
    () => resets(cluster, { from: 'n1', to: 'n2', share: 0 }),
    () => partition(cluster, 'n1'),
  ]) {
    t.is(t.throws(wrong, { instanceOf: FulcrumError }).code, 'INVALID_ARGUMENT');
  }
  await t.throwsAsync(cluster.partition('n1 | n9'), { code: 'INVALID_ARGUMENT' });
  t.deepEqual(await cluster.toxics(), []);
});

async function only(cluster: ChaosCluster, fault: Fault) {
  await cluster.inject(fault);
  const [toxic] = await cluster.toxics();
  return toxic!;
}
