/** A real cluster whose links are really cut. */
import test, { type ExecutionContext } from 'ava';
import { startChaosCluster, type ChaosCluster } from '../../chaos/index.js';
import { getJson } from '../../cluster/http-json.js';
import { waitUntil } from '../../cluster/wait.js';
import { connect, FulcrumError, type Client } from '../../src/index.js';

const WAIT_MS = 30_000;

async function start(t: ExecutionContext): Promise<ChaosCluster> {
  const cluster = await startChaosCluster({ nodes: 3, replicas: 3, policy: 'PC/EC' });
  t.teardown(() => cluster.stop());
  return cluster;
}

/** A client that knows one node only, through that node's proxy. */
async function clientOf(t: ExecutionContext, cluster: ChaosCluster, id: string): Promise<Client> {
  const { address } = cluster.nodes.find((node) => node.id === id)!;
  const client = await connect({ nodes: [address], discover: false, breaker: false });
  t.teardown(() => client.close());
  return client;
}

async function reaches(cluster: ChaosCluster, from: string, to: string): Promise<boolean | undefined> {
  const { http } = cluster.nodes.find((node) => node.id === from)!;
  const body = (await getJson(http, '/readyz', 1_000))?.body as { peers: { id: string; reachable: boolean }[] };
  return body.peers.find(({ id }) => id === to)?.reachable;
}

async function refusal(run: Promise<unknown>): Promise<FulcrumError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof FulcrumError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}

test.serial(
  'n1 | n2 n3: the minority refuses and names who is missing, the majority serves, heal joins all',
  async (t) => {
    const cluster = await start(t);
    const [minority, majority] = await Promise.all([clientOf(t, cluster, 'n1'), clientOf(t, cluster, 'n2')]);
    await majority.put('key', 'before', { level: 'ALL' });
    await cluster.partition('n1 | n2 n3');

    t.is((await majority.put('key', 'during')).receipt.guarantee, 'linearizable');
    t.is((await majority.get('key')).value, 'during');

    const noticed = async (): Promise<boolean> => (await reaches(cluster, 'n1', 'n2')) === false;
    t.true(await waitUntil(async () => (await noticed()) && (await reaches(cluster, 'n1', 'n3')) === false, WAIT_MS));
    for (const call of [minority.put('key', 'lost'), minority.get('key')]) {
      const error = await refusal(call);
      t.is(error.code, 'UNAVAILABLE');
      t.true(error.definite);
      t.deepEqual([...(error.missing ?? [])].sort(), ['n2', 'n3']);
    }
    t.is((await minority.get('key', { allowStale: true })).value, 'before');

    await cluster.heal();
    t.deepEqual(await cluster.toxics(), []);
    t.is((await minority.get('key')).value, 'during');
    t.is((await minority.put('key', 'after', { level: 'ALL' })).receipt.acks, 3);
    t.is((await majority.get('key', { level: 'ALL' })).value, 'after');
  },
);

test.serial('n1 > n2: a cut of one direction is noticed at both ends, and only there', async (t) => {
  const cluster = await start(t);
  await cluster.partition('n1 > n2');
  const cut = (await cluster.toxics()).map(({ from, to }) => `${from} > ${to}`);
  t.deepEqual(cut, ['n1 > n2']);
  t.true(
    await waitUntil(
      async () => (await reaches(cluster, 'n1', 'n2')) === false && (await reaches(cluster, 'n2', 'n1')) === false,
      WAIT_MS,
    ),
  );
  for (const id of ['n1', 'n2']) t.true(await reaches(cluster, id, 'n3'));
  for (const id of ['n1', 'n2']) t.true(await reaches(cluster, 'n3', id));
  const client = await cluster.connect();
  t.is((await client.put('key', 1)).receipt.guarantee, 'linearizable');
  await cluster.heal();
  t.is((await client.put('key', 2, { level: 'ALL' })).receipt.acks, 3);
});
