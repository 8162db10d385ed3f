/** What it costs a client to be watched: the same calls with its counters, a hook and a listener, and with none. */
import type { CallHook, Client } from '../src/index.js';
import type { BenchCluster } from './bench-cluster.js';
import { KeyPicks } from './key-picks.js';
import { cpuOfAll, measure, type Measure, type MeasuredProcess } from './measure.js';
import { clientOperations, type Material } from './operations.js';
import { CONCURRENCY_USUAL, VALUE_BYTES_USUAL } from './plan.js';
import { workloadNamed } from './workloads.js';

export interface WatchingPlan {
  /** Pairs of slices, one unwatched and one watched, in an order that changes with each. */
  readonly pairs: number;
  readonly sliceMs: number;
  readonly keys: number;
  readonly seed: number;
}

export interface WatchingResult {
  readonly pairs: number;
  /** Medians over the slices. */
  readonly opsPerSecond: { readonly unwatched: number; readonly watched: number };
  /** Processor time for each call, client and nodes together, medians over the slices; null where it is not known. */
  readonly cpuMicros: { readonly unwatched: number; readonly watched: number } | null;
  /** The median over the pairs of what watching takes from the throughput, as a share. */
  readonly cost: number;
  /** The same by processor time: what it takes where the processors are what limits. Null where it is not known. */
  readonly costByCpu: number | null;
}

export const WATCHING_USUAL = { pairs: 12, sliceMs: 1_000 };

/** The cheapest call there is: whatever comes on top of it shows most. */
const WORKLOAD = 'get-one';

export async function measureWatching(target: BenchCluster, plan: WatchingPlan): Promise<WatchingResult> {
  const { space, values } = await target.load(VALUE_BYTES_USUAL, plan.keys, plan.seed);
  const material = { keys: new KeyPicks(space, 'uniform', plan.seed), values, seed: plan.seed };
  const unwatched = await target.cluster.connect({ name: 'bench-unwatched', metrics: false });
  const tally = { calls: 0, failed: 0, totalMs: 0, events: 0 };
  const watched = await target.cluster.connect({ name: 'bench-watched', onCall: counting(tally) });
  watched.onEvent(() => (tally.events += 1));
  const pairs: Pair[] = [];
  // The first pair only warms both up.
  for (let pair = 0; pair <= plan.pairs; pair += 1) {
    const measured = await measurePair([unwatched, watched], pair % 2 === 0, material, plan.sliceMs, target.processes);
    // A machine that stood still during a slice has measured nothing.
    if (pair > 0 && measured.unwatched.operations > 0 && measured.watched.operations > 0) pairs.push(measured);
  }
  await Promise.all([unwatched.close(), watched.close()]);
  if (pairs.length === 0) throw new Error('no call was answered while watching a client was to be measured');
  return resultOf(pairs);
}

interface Pair {
  readonly unwatched: Measure;
  readonly watched: Measure;
}

async function measurePair(
  clients: readonly [Client, Client],
  isStraight: boolean,
  material: Material,
  sliceMs: number,
  processes: readonly MeasuredProcess[],
): Promise<Pair> {
  const slice = (client: Client): Promise<Measure> =>
    measure(clientOperations(client, workloadNamed(WORKLOAD), material), {
      concurrency: CONCURRENCY_USUAL,
      warmupMs: sliceMs / 10,
      measureMs: sliceMs,
      processes,
    });
  const first = await slice(clients[isStraight ? 0 : 1]);
  const second = await slice(clients[isStraight ? 1 : 0]);
  return isStraight ? { unwatched: first, watched: second } : { unwatched: second, watched: first };
}

/** What a meter does at least: counts, sums, and looks at the attributes. */
function counting(tally: { calls: number; failed: number; totalMs: number }): CallHook {
  return ({ attributes }) => {
    const isRead = attributes['db.operation.name'] === 'get';
    return ({ durationMs, error }) => {
      if (isRead) tally.calls += 1;
      if (error !== undefined) tally.failed += 1;
      tally.totalMs += durationMs;
    };
  };
}

function resultOf(pairs: readonly Pair[]): WatchingResult {
  const throughput = (which: keyof Pair): number => median(pairs.map((pair) => pair[which].opsPerSecond));
  const costs = pairs.map((pair) => ({ unwatched: cpuOfAll(pair.unwatched.cpu), watched: cpuOfAll(pair.watched.cpu) }));
  const known = costs.filter((cost): cost is Cpu => cost.unwatched !== null && cost.watched !== null);
  const cpu = (which: keyof Cpu): number => median(known.map((cost) => cost[which]));
  return {
    pairs: pairs.length,
    opsPerSecond: { unwatched: throughput('unwatched'), watched: throughput('watched') },
    cpuMicros: known.length === 0 ? null : { unwatched: cpu('unwatched'), watched: cpu('watched') },
    cost: median(pairs.map((pair) => 1 - pair.watched.opsPerSecond / pair.unwatched.opsPerSecond)),
    costByCpu: known.length === 0 ? null : median(known.map(({ unwatched, watched }) => 1 - unwatched / watched)),
  };
}

interface Cpu {
  readonly unwatched: number;
  readonly watched: number;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function watchingLines({ pairs, opsPerSecond, cpuMicros, cost, costByCpu }: WatchingResult): string[] {
  const perSecond = (ops: number): string => Math.round(ops).toLocaleString('en');
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const { unwatched, watched } = opsPerSecond;
  const lines = [
    `Watching a client (${WORKLOAD}, counters, a hook around every call and a listener; ${pairs} pairs of slices):`,
    `  ${perSecond(unwatched)} ops/s unwatched, ${perSecond(watched)} watched: ${percent(cost)} less`,
  ];
  if (cpuMicros === null || costByCpu === null) return lines;
  const [before, after] = [cpuMicros.unwatched.toFixed(2), cpuMicros.watched.toFixed(2)];
  return [
    ...lines,
    `  ${before} µs of processor a call, client and nodes together, and ${after} watched: ${percent(costByCpu)} of it`,
  ];
}
