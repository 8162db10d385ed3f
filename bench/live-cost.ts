/**
 * What it costs a node to be watched live and to sample, at once, as many requests as it ever does: two clusters under
 * the same paced load at the same time, one with neither. A cost that is capped is a share of a core, whatever the load.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterWatch } from '../src/adapters/cluster-watch.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { COUNTERFACTUALS_PER_SECOND_MAX } from '../src/core/defaults.js';
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { VALUE_BYTES_USUAL } from './plan.js';
import { cpuMicrosOf } from './process-cpu.js';

export interface LiveCost {
  readonly rounds: number;
  readonly seconds: number;
  /** Requests of the load, of each kind, on each cluster. */
  readonly perSecond: number;
  /** Reads and writes that the watched cluster sampled, together. */
  readonly sampledPerSecond: number;
  /** Of one core, by one node, the median of the rounds; null where processor time is not known. */
  readonly coreShare: { readonly plain: number | null; readonly watched: number | null };
  /** How much more of a core a watched node takes, and half the distance between the quartiles of that. */
  readonly cost: number | null;
  readonly spread: number | null;
}

const ROUNDS = 10;
/** Reads, and as many writes, for each node: more than it samples. */
const LOAD_FACTOR = 2;
const TICK_MS = 20;
const WARMUP_MS = 3_000;

type Options = Pick<BenchOptions, 'seconds' | 'keys' | 'seed' | 'nodes' | 'replicas' | 'policy'>;

export async function measureLiveCost(options: Options, rounds = ROUNDS): Promise<LiveCost> {
  await using plain = await BenchCluster.start({ ...options, counterfactuals: 0 });
  await using watched = await BenchCluster.start({ ...options, counterfactuals: 1 });
  const watch = new ClusterWatch({ nodes: watched.cluster.nodes, clock: systemClock });
  const perSecond = COUNTERFACTUALS_PER_SECOND_MAX * LOAD_FACTOR * options.nodes;
  const loads = await Promise.all([plain, watched].map((target) => PacedLoad.start(target, options, perSecond)));
  try {
    await sleep(WARMUP_MS);
    const shares: (readonly [plain: number, watched: number])[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [without, having] = await coreShares([plain, watched], options.seconds);
      if (without != null && having != null) shares.push([without, having]);
    }
    const { reads, writes, windowSeconds } = watch.now().counterfactual;
    const elapsed = Math.min(windowSeconds, WARMUP_MS / 1_000 + rounds * options.seconds);
    return {
      rounds,
      seconds: options.seconds,
      perSecond,
      sampledPerSecond: elapsed > 0 ? (reads + writes) / elapsed : 0,
      coreShare: { plain: median(shares.map(([one]) => one)), watched: median(shares.map(([, one]) => one)) },
      cost: median(shares.map(([without, having]) => having - without)),
      spread: spreadOf(shares.map(([without, having]) => having - without)),
    };
  } finally {
    watch.stop();
    await Promise.all(loads.map((load) => load.stop()));
  }
}

/** Gets and puts at QUORUM, spread evenly over time; what fails is as good as what does not. */
class PacedLoad {
  readonly #under = new Set<Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;

  static async start(target: BenchCluster, { keys, seed }: Options, perSecond: number): Promise<PacedLoad> {
    const { space, values } = await target.load(VALUE_BYTES_USUAL, keys, seed);
    let next = 0;
    return new PacedLoad(perSecond, () => {
      const key = space.name((next += 1) % space.count);
      return [target.client.get(key, { level: 'QUORUM' }), target.client.put(key, values.next(), { level: 'QUORUM' })];
    });
  }

  private constructor(perSecond: number, pair: () => Promise<unknown>[]) {
    const startedMs = performance.now();
    let done = 0;
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - startedMs) / 1_000) * perSecond; done < due; done += 1)
        for (const call of pair()) this.#follow(call);
    }, TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
  }

  #follow(call: Promise<unknown>): void {
    const ended: Promise<unknown> = call.catch(() => undefined).finally(() => this.#under.delete(ended));
    this.#under.add(ended);
  }
}

/** What the nodes of each cluster use of one core, one node on average, in the same stretch of time. */
async function coreShares(targets: readonly BenchCluster[], seconds: number): Promise<(number | null)[]> {
  const read = (): (number | null)[] => targets.map(nodeMicros);
  const [before, sinceMs] = [read(), performance.now()];
  await sleep(seconds * 1_000);
  const [after, elapsedMicros] = [read(), (performance.now() - sinceMs) * 1_000];
  return targets.map((target, index) => {
    const [from, to] = [before[index] ?? null, after[index] ?? null];
    return from === null || to === null ? null : (to - from) / elapsedMicros / target.cluster.nodes.length;
  });
}

function nodeMicros({ cluster }: BenchCluster): number | null {
  const micros = cluster.nodes.map(({ pid }) => cpuMicrosOf(pid));
  return micros.includes(null) ? null : micros.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

export function liveCostLines({
  perSecond,
  sampledPerSecond,
  coreShare,
  cost,
  spread,
  rounds,
  seconds,
}: LiveCost): string[] {
  const known = coreShare.plain !== null && coreShare.watched !== null && cost !== null && spread !== null;
  return [
    `${perSecond} gets and ${perSecond} puts a second at QUORUM, on two clusters at once, ${rounds} rounds of ${seconds} s;`,
    `one is watched at every node and samples as much as it may: ${Math.round(sampledPerSecond)} requests a second.`,
    known
      ? `A node takes ${percent(coreShare.plain)} of a core, a watched one ${percent(coreShare.watched)}: ` +
        `${percent(cost)} of a core more (± ${percent(spread)}).`
      : 'Processor time is not known here.',
  ];
}

function percent(share: number | null): string {
  return `${((share ?? 0) * 100).toFixed(2)} %`;
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : quantile(values, 0.5);
}

function spreadOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
