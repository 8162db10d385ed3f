/** What the SDK does by itself while real nodes die, freeze and come back. */
import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import {
  connectAdmin,
  FulcrumError,
  type Client,
  type ClientEvent,
  type ClientOptions,
  type NodeMetrics,
} from '../../src/index.js';

const HEALED_WITHIN_MS = 2_000;
/** What a busy machine may add. */
const SLACK_MS = 6_000;

async function start(
  t: ExecutionContext,
  options: ClientOptions = {},
): Promise<{ cluster: LocalCluster; client: Client }> {
  const cluster = await startCluster({ nodes: 3, replicas: 3 });
  t.teardown(() => cluster.stop());
  return { cluster, client: await cluster.connect(options) };
}

/** Resolves once it holds, with how long that took; fails the test where it never does. */
async function until(t: ExecutionContext, what: string, holds: () => boolean | Promise<boolean>): Promise<number> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > 60_000) t.fail(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - startedMs;
}

function isConnected(client: Client, node: string): boolean {
  return client.cluster.nodes.find(({ id }) => id === node)!.connected;
}

function nodeMetrics(client: Client, node: string): NodeMetrics {
  return client.metrics().nodes.find((one) => one.node === node)!;
}

/** The first of many keys whose writes this node coordinates. */
async function keyOf(client: Client, node: string): Promise<string> {
  for (let i = 0; i < 200; i += 1) {
    const { receipt } = await client.put(`probe-${i}`, i);
    if (receipt.coordinator === node) return `probe-${i}`;
  }
  throw new Error(`none of 200 keys has ${node} as its primary`);
}

async function usedAgainAfter(t: ExecutionContext, client: Client, key: string, node: string): Promise<number> {
  return until(t, `${node} is used again`, async () => {
    try {
      return (await client.put(key, 'again')).receipt.coordinator === node;
    } catch (error) {
      if (error instanceof FulcrumError) return false;
      throw error;
    }
  });
}

test.serial(
  'a frozen node is noticed without a call to it, its connection replaced, and it is used again when it goes on',
  async (t) => {
    const { cluster, client } = await start(t);
    const key = await keyOf(client, 'n2');
    const told: ClientEvent[] = [];
    client.onEvent((event) => told.push(event));
    await cluster.pause('n2');
    await until(t, 'n2 is noticed', () => !isConnected(client, 'n2'));
    const { receipt } = await client.put(key, 'meanwhile');
    t.not(receipt.coordinator, 'n2');
    await until(t, 'its connection is given up', () => !nodeMetrics(client, 'n2').silent);
    await cluster.resume('n2');
    const tookMs = await usedAgainAfter(t, client, key, 'n2');
    t.true(tookMs < HEALED_WITHIN_MS + SLACK_MS, `${tookMs} ms`);
    t.log(`used again ${Math.round(tookMs)} ms after it went on`);
    const kinds = told.filter((event) => 'node' in event && event.node === 'n2').map(({ kind }) => kind);
    t.deepEqual(kinds.filter((kind) => kind === 'connection').length >= 2, true);
    t.true(kinds.includes('failover') && kinds.includes('failback'));
  },
);

test.serial(
  'a node that was killed under load and started again is used again, though its breaker had opened',
  async (t) => {
    const { cluster, client } = await start(t);
    const key = await keyOf(client, 'n3');
    const load = Promise.allSettled(Array.from({ length: 600 }, (_, index) => client.put(`load-${index}`, index)));
    await cluster.kill('n3');
    const outcomes = await load;
    const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [(one.reason as FulcrumError).code] : []));
    t.deepEqual(failed, [], 'a third of them was under way at the node that died');
    await cluster.restart('n3');
    const tookMs = await usedAgainAfter(t, client, key, 'n3');
    t.true(tookMs < HEALED_WITHIN_MS + SLACK_MS, `${tookMs} ms`);
    t.log(`used again ${Math.round(tookMs)} ms after it was ready`);
  },
);

test.serial('with breakers open on two of three nodes, QUORUM fails at once and names them', async (t) => {
  const { cluster, client } = await start(t, { attemptTimeoutMs: 200, breaker: { callsMin: 5 } });
  const keys = [await keyOf(client, 'n1'), await keyOf(client, 'n2')];
  await Promise.all([cluster.pause('n1'), cluster.pause('n2')]);
  const refused = async (): Promise<FulcrumError[]> => {
    const calls = await Promise.allSettled(keys.flatMap((key) => [client.get(key), client.get(key), client.get(key)]));
    return calls
      .map((call) => (call as PromiseRejectedResult).reason as FulcrumError)
      .filter(({ code }) => code === 'CIRCUIT_OPEN');
  };
  const errors: FulcrumError[] = [];
  await until(t, 'CIRCUIT_OPEN', async () => {
    errors.push(...(await refused()));
    return errors.length > 0;
  });
  const [error] = errors;
  t.deepEqual(error!.missing?.toSorted(), ['n1', 'n2']);
  t.deepEqual([error!.definite, error!.required, error!.received], [true, 2, 1]);
  t.true(error!.retryAfterMs! > 0);
  await Promise.all([cluster.resume('n1'), cluster.resume('n2')]);
  await until(t, 'served again', async () => {
    return client.get(keys[0]!).then(
      () => true,
      () => false,
    );
  });
});

test.serial('a change of the policy is learnt without a call, and a new default level with it', async (t) => {
  const { cluster, client } = await start(t);
  t.is((await client.put('k', 1)).receipt.level, 'QUORUM');
  const admin = await connectAdmin({ nodes: cluster.addresses });
  t.teardown(() => admin.close());
  await admin.changePolicy('PC/EL');
  await until(t, 'the client knows', () => client.cluster.policy === 'PC/EL');
  t.is((await client.put('k', 2)).receipt.level, 'ONE');
});

test.serial('close waits for what is under way on real connections, and later calls are refused', async (t) => {
  const { client } = await start(t);
  const calls = Array.from({ length: 500 }, (_, index) => client.put(`closing-${index}`, index));
  await client.close();
  t.is((await Promise.all(calls)).length, 500);
  const late = await t.throwsAsync(client.get('closing-1'), { instanceOf: FulcrumError });
  t.is(late.code, 'UNAVAILABLE');
});
