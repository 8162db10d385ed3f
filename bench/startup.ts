/** How soon a node that holds many keys serves again after it was killed, and how soon it can compare with its peers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { VALUE_BYTES_USUAL } from './plan.js';

export interface Startup {
  readonly keys: number;
  readonly runs: readonly StartupRun[];
}

export interface StartupRun {
  /** From before the process is started until it says that it is ready. */
  readonly readyMs: number;
  /** Of the first read of a client that connects then. */
  readonly firstReadMs: number;
  /** Until every key has been read for the Merkle trees; the node serves meanwhile. */
  readonly treesMs: number;
}

const RUNS = 3;
const TREES_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** One node, so that all of it is this node's; the policy that loads it soonest. */
export async function measureStartup(
  { keys, seed }: Pick<BenchOptions, 'keys' | 'seed'>,
  runs = RUNS,
): Promise<Startup> {
  await using target = await BenchCluster.start({ nodes: 1, replicas: 1, policy: 'PC/EL' });
  const { space } = await target.load(VALUE_BYTES_USUAL, keys, seed);
  const measured: StartupRun[] = [];
  for (let run = 0; run < runs; run += 1) measured.push(await startAgain(target, space.name(space.count - 1)));
  return { keys: space.count, runs: measured };
}

export function startupLines({ keys, runs }: Startup): string[] {
  const rows = runs.map(
    ({ readyMs, firstReadMs, treesMs }) =>
      `ready after ${seconds(readyMs)}, first read ${firstReadMs.toFixed(0)} ms, keys read for repair after ${seconds(treesMs)}`,
  );
  return [`A node with ${keys} keys, killed and started again:`, '', ...rows];
}

async function startAgain({ cluster }: BenchCluster, key: string): Promise<StartupRun> {
  await cluster.kill('n1');
  const begun = performance.now();
  await cluster.restart('n1');
  const readyMs = performance.now() - begun;
  const client = await cluster.connect();
  const read = await client.get(key, { level: 'ONE' });
  if (!read.found) throw new Error(`${key} is gone after a restart`);
  const firstReadMs = performance.now() - begun - readyMs;
  await client.close();
  const admin = await cluster.admin();
  for (;;) {
    const [node] = await admin.status();
    const treesMs = performance.now() - begun;
    if (node?.report?.repair.treesComplete === true) return { readyMs, firstReadMs, treesMs };
    if (treesMs > TREES_TIMEOUT_MS) throw new Error(`The trees were not built within ${TREES_TIMEOUT_MS} ms`);
    await sleep(LOOK_EVERY_MS);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
