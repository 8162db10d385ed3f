/**
 * Two ways to spread the same clients over the nodes: whole connections through `fulcrum balance` (L4), and call by call
 * by the SDK, which knows where keys live (L7). Then both once more with a node that is paused meanwhile.
 */
import { waitUntil } from '../cluster/wait.js';
import { connect, type Client } from '../src/index.js';
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { CommandProcess } from './command-process.js';
import { KeyPicks } from './key-picks.js';
import { cpuOfAll, measure } from './measure.js';
import { VALUE_BYTES_USUAL } from './plan.js';
import { Progress } from './progress.js';
import { micros, share, thousands } from './report.js';
import { SharedLoad, type LoadCounts } from './shared-load.js';

export type Way = 'L4' | 'L7';

export interface BalancingRow extends LoadCounts {
  readonly way: Way;
  /** The node that was paused during the measure; null: all were well. */
  readonly paused: string | null;
  readonly opsPerSecond: number;
  readonly p99Ms: number;
  /** Of all processes together, the balancer's included; null where it is not known. */
  readonly cpuMicrosPerCall: number | null;
  /** Clients' connections by node, at the end of the measure. */
  readonly connectionsByNode: Readonly<Record<string, number>>;
}

export interface Balancing {
  readonly clients: number;
  readonly callsEach: number;
  readonly seconds: number;
  readonly pausedSeconds: number;
  readonly rows: readonly BalancingRow[];
}

type Options = Pick<BenchOptions, 'seconds' | 'keys' | 'seed' | 'nodes' | 'replicas' | 'policy'>;

const CLIENTS = 12;
const CALLS_EACH = 8;
/** So many times as long as the others: time to notice, and to go on. */
const PAUSED_FACTOR = 3;
/** Before each measure; as long as the measure where that is shorter. */
const WARMUP_MAX_MS = 2_000;
const RECOVERY_MS = 30_000;

export async function measureBalancing(options: Options): Promise<Balancing> {
  await using target = await BenchCluster.start(options);
  await target.load(VALUE_BYTES_USUAL, options.keys, options.seed);
  await using balancer = await CommandProcess.start('balance', '--cluster', target.cluster.file, '--drain', '1ms');
  const last = target.cluster.nodes.at(-1)!.id;
  const rows: BalancingRow[] = [];
  const progress = new Progress(5);
  // What comes first finds everybody cold: it does not count.
  await measureWay('L4', null, { target, balancer, options, progress });
  for (const paused of [null, last]) {
    for (const way of ['L4', 'L7'] as const) {
      await untilReady(target);
      rows.push(await measureWay(way, paused, { target, balancer, options, progress }));
    }
  }
  progress.stop();
  const { seconds } = options;
  return { clients: CLIENTS, callsEach: CALLS_EACH, seconds, pausedSeconds: seconds * PAUSED_FACTOR, rows };
}

interface Bench {
  readonly target: BenchCluster;
  readonly balancer: CommandProcess;
  readonly options: Options;
  readonly progress: Progress;
}

async function measureWay(way: Way, paused: string | null, bench: Bench): Promise<BalancingRow> {
  const { target, balancer, options, progress } = bench;
  const title = paused === null ? way : `${way}, ${paused} paused`;
  progress.begins(title);
  const clients = await connectAll(way, target, balancer);
  const load = await loadBy(clients, target, options);
  const ids = target.cluster.nodes.map(({ id }) => id);
  let seen: Pick<BalancingRow, keyof LoadCounts | 'connectionsByNode'> | undefined;
  const window = {
    begin: async (): Promise<void> => {
      if (paused !== null) await target.cluster.pause(paused);
      load.begin(ids);
    },
    end: async (): Promise<void> => {
      seen = { ...load.end(), connectionsByNode: connectionsOf(clients, ids) };
      if (paused !== null) await target.cluster.resume(paused);
    },
  };
  const measured = await measure(load, {
    concurrency: load.concurrency,
    warmupMs: Math.min(WARMUP_MAX_MS, options.seconds * 1_000),
    measureMs: options.seconds * 1_000 * (paused === null ? 1 : PAUSED_FACTOR),
    processes: way === 'L4' ? [...target.processes, { name: 'balancer', pid: balancer.pid }] : target.processes,
    window,
  });
  await Promise.all(clients.map((client) => client.close()));
  progress.ended(title, measured);
  const { opsPerSecond, latencyMs } = measured;
  return { way, paused, opsPerSecond, p99Ms: latencyMs.p99, cpuMicrosPerCall: cpuOfAll(measured.cpu), ...seen! };
}

async function loadBy(clients: readonly Client[], target: BenchCluster, { keys, seed }: Options): Promise<SharedLoad> {
  const { space, values } = await target.load(VALUE_BYTES_USUAL, keys, seed);
  return new SharedLoad(clients, CALLS_EACH, { keys: new KeyPicks(space, 'uniform', seed), values, seed });
}

/** One after the other, as processes that start at different times. */
async function connectAll(way: Way, { cluster }: BenchCluster, { address }: CommandProcess): Promise<Client[]> {
  const clients: Client[] = [];
  for (let index = 0; index < CLIENTS; index += 1) {
    const client =
      way === 'L4' ? connect({ nodes: [address], discover: false }) : connect({ nodes: [...cluster.addresses] });
    clients.push(await client);
  }
  return clients;
}

function connectionsOf(clients: readonly Client[], ids: readonly string[]): Record<string, number> {
  const connected = clients.flatMap(({ cluster }) => cluster.nodes.filter((node) => node.connected));
  return Object.fromEntries(ids.map((id) => [id, connected.filter((node) => node.id === id).length]));
}

async function untilReady({ cluster }: BenchCluster): Promise<void> {
  const isReady = async (http: string): Promise<boolean> => {
    const response = await fetch(`http://${http}/readyz`).catch(() => undefined);
    await response?.text();
    return response?.status === 200;
  };
  const all = async (): Promise<boolean> =>
    (await Promise.all(cluster.nodes.map(({ http }) => isReady(http)))).every(Boolean);
  if (!(await waitUntil(all, RECOVERY_MS))) throw new Error(`not every node is ready within ${RECOVERY_MS} ms`);
}

/** Without the node that could have none. */
function ofTheOthers(byNode: Readonly<Record<string, number>>, paused: string | null): Record<string, number> {
  return Object.fromEntries(Object.entries(byNode).filter(([node]) => node !== paused));
}

/** How many times its share the busiest node got: 1 is even. */
export function unevenness(byNode: Readonly<Record<string, number>>): number {
  const counts = Object.values(byNode);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return all === 0 ? 1 : (Math.max(...counts) * counts.length) / all;
}

const HEAD = [
  ...['', 'ops/s', 'of L7', 'p99 ms', 'CPU µs/call', 'calls by node', 'max/mean'],
  ...['connections', 'failed', 'longest stall ms'],
];

/** A table in Markdown, below what was measured. */
export function balancingLines({ clients, callsEach, seconds, pausedSeconds, rows }: Balancing): string[] {
  const cells = rows.map((row) => {
    const best = rows.find(({ way, paused }) => way === 'L7' && paused === row.paused) ?? row;
    return [
      row.paused === null ? row.way : `${row.way}, ${row.paused} paused`,
      thousands(row.opsPerSecond),
      share(row.opsPerSecond / best.opsPerSecond),
      row.p99Ms.toFixed(1),
      micros(row.cpuMicrosPerCall),
      shares(row.callsByNode),
      share(unevenness(ofTheOthers(row.callsByNode, row.paused))),
      Object.values(row.connectionsByNode).join(' '),
      String(row.failed),
      row.longestStallMs.toFixed(0),
    ];
  });
  const widths = HEAD.map((title, at) => Math.max(3, title.length, ...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [
    `${clients} clients with ${callsEach} calls each under way, half gets at ONE, half puts at QUORUM: ${seconds} s with all nodes well,`,
    `then ${pausedSeconds} s with one paused throughout. L4: connections through fulcrum balance; L7: the SDK by itself.`,
    '',
    line(HEAD),
    line(rule),
    ...cells.map(line),
  ];
}

function shares(byNode: Readonly<Record<string, number>>): string {
  const counts = Object.values(byNode);
  const all = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return counts.map((count) => `${Math.round((count / all) * 100)} %`).join(' ');
}
