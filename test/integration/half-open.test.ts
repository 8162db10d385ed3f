/** Connections that stay open while nothing gets through them: only silence tells, and the client has to notice it. */
import test from 'ava';
import { startChaosCluster } from '../../chaos/index.js';
import { waitUntil } from '../../cluster/wait.js';
import { FulcrumError, type Client, type NodeMetrics } from '../../src/index.js';

const WAIT_MS = 60_000;
/** Two seconds, and what a busy machine may add. */
const USED_AGAIN_WITHIN_MS = 2_000 + 6_000;

function nodeOf(client: Client, node: string): NodeMetrics {
  return client.metrics().nodes.find((one) => one.node === node)!;
}

async function coordinatorOf(client: Client, key: string): Promise<string> {
  try {
    return (await client.put(key, 'value')).receipt.coordinator;
  } catch (error) {
    if (error instanceof FulcrumError) return error.code;
    throw error;
  }
}

async function keyOf(client: Client, node: string): Promise<string> {
  for (let i = 0; i < 200; i += 1) if ((await coordinatorOf(client, `key-${i}`)) === node) return `key-${i}`;
  throw new Error(`none of 200 keys has ${node} as its primary`);
}

test.serial(
  'a path that swallows everything, or one direction of it, is noticed, replaced and used again',
  async (t) => {
    const cluster = await startChaosCluster({ nodes: 3, replicas: 3 });
    t.teardown(() => cluster.stop());
    const client = await cluster.connect();
    const key = await keyOf(client, 'n2');
    for (const cut of ['n2 | clients', 'n2 > clients', 'clients > n2']) {
      await cluster.partition(cut);
      t.true(await waitUntil(() => !nodeOf(client, 'n2').connected, WAIT_MS), `${cut}: noticed`);
      t.not(await coordinatorOf(client, key), 'n2', `${cut}: calls go elsewhere`);
      t.true(await waitUntil(() => !nodeOf(client, 'n2').silent, WAIT_MS), `${cut}: its connection is given up`);
      await cluster.heal();
      const healedMs = performance.now();
      t.true(await waitUntil(async () => (await coordinatorOf(client, key)) === 'n2', WAIT_MS), `${cut}: used again`);
      const tookMs = performance.now() - healedMs;
      t.log(`${cut}: used again ${Math.round(tookMs)} ms after the heal`);
      t.true(tookMs < USED_AGAIN_WITHIN_MS, `${cut}: ${tookMs} ms`);
    }
  },
);
