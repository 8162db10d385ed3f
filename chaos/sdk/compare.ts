/**
 * Two clients side by side, under the same faults and with the same calls: one with breakers and hedging, one without.
 * Both retry. What counts is how many calls are answered within their time, and how fast.
 */
import type { Client } from '../../src/client/client.js';
import type { ClientOptions } from '../../src/client/options.js';
import { startChaosCluster, type ChaosCluster } from '../chaos-cluster.js';
import type { CheckResult } from '../check.js';
import { pairOperations } from '../checkers/operation.js';
import type { HistoryEvent } from '../history.js';
import { historyTimeMs } from '../history-writer.js';
import { halfAndHalf } from '../pacelc/half-and-half.js';
import { Callers, groupOf } from '../run/callers.js';
import { isAnswered, latencyOf } from '../run/measures.js';
import { judge } from '../run/run-scenario.js';
import { Stage } from '../run/stage.js';
import { keysOf } from '../workloads/workload.js';
import { SITUATION_SECONDS, situations, type Situation } from './situations.js';

export interface Side {
  readonly situation: string;
  readonly about: string;
  /** `on`: breakers and hedging, of writes too. */
  readonly resilience: 'on' | 'off';
  readonly calls: number;
  /** Share of calls that were answered within {@link CALL_TIMEOUT_MS}. */
  readonly success: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly retries: number;
  readonly hedges: number;
  readonly breakersOpened: number;
}

export interface Comparison {
  readonly sides: readonly Side[];
  /** Promises that were broken, in words: none may be, whatever the network does. */
  readonly broken: readonly string[];
}

export interface CompareOptions {
  readonly seed: number;
  readonly toxiproxy?: 'installed' | 'embedded' | undefined;
  readonly onSituation?: ((situation: Situation) => void) | undefined;
}

export const CALL_TIMEOUT_MS = 600;
const ATTEMPT_TIMEOUT_MS = 250;
/** So many that each node is the first one for a third of them. */
const KEYS = 60;
const CALLERS = 6;
const PAUSE_MS = 5;

const SIDES: Readonly<Record<Side['resilience'], ClientOptions>> = {
  on: { hedge: { writes: true } },
  off: { hedge: false, breaker: false },
};

export async function compareClients(options: CompareOptions): Promise<Comparison> {
  const cluster = await startChaosCluster({ toxiproxy: options.toxiproxy });
  try {
    const sides: Side[] = [];
    const broken: string[] = [];
    for (const situation of situations()) {
      options.onSituation?.(situation);
      const { rows, result } = await runSituation(cluster, situation, options.seed);
      sides.push(...rows);
      for (const { checker, violations } of result.verdicts) {
        broken.push(
          ...violations.slice(0, 3).map(({ explanation }) => `${situation.name}: ${checker}: ${explanation}`),
        );
      }
    }
    return { sides, broken };
  } finally {
    await cluster.stop();
  }
}

interface Counted {
  readonly client: Client;
  readonly counts: { retries: number; hedges: number; breakersOpened: number };
}

async function runSituation(
  cluster: ChaosCluster,
  situation: Situation,
  seed: number,
): Promise<{ readonly rows: Side[]; readonly result: CheckResult }> {
  const history: HistoryEvent[] = [];
  const keys = keysOf(situation.name.replace(' ', '-'), KEYS);
  const clients = { on: await countedClient(cluster, 'on'), off: await countedClient(cluster, 'off') };
  const startMs = historyTimeMs();
  const callers = new Callers({
    groups: Object.entries(clients).map(([name, { client }]) => ({ name, client })),
    workloads: Array.from({ length: CALLERS }, (_, at) => halfAndHalf('QUORUM', keys, String(at), CALL_TIMEOUT_MS)),
    seed,
    pauseMs: PAUSE_MS,
    into: history,
  });
  const stage = new Stage({
    target: cluster,
    restart: (node) => cluster.restart(node),
    changePolicy: () => Promise.reject(new Error('no situation changes the policy')),
  });
  await stage.play(situation.steps, SITUATION_SECONDS * 1_000).finally(() => callers.stop());
  const endMs = historyTimeMs();
  await cluster.heal();
  await Promise.all(Object.values(clients).map(({ client }) => client.close()));
  const operations = pairOperations(history).filter((one) => one.endMs >= startMs && one.endMs < endMs);
  const rows = (['on', 'off'] as const).map((resilience): Side => {
    const own = operations.filter(({ process }) => groupOf(process) === resilience);
    const latency = latencyOf(own);
    return {
      situation: situation.name,
      about: situation.about,
      resilience,
      calls: own.length,
      success: own.filter(isAnswered).length / Math.max(1, own.length),
      p50Ms: latency.percentileMs(50),
      p99Ms: latency.percentileMs(99),
      ...clients[resilience].counts,
    };
  });
  return { rows, result: judge(history, cluster.nodes.length) };
}

async function countedClient(cluster: ChaosCluster, resilience: Side['resilience']): Promise<Counted> {
  const client = await cluster.connect({
    ...SIDES[resilience],
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    name: resilience,
  });
  const counts = { retries: 0, hedges: 0, breakersOpened: 0 };
  client.onEvent((event) => {
    if (event.kind === 'retry') counts.retries += 1;
    if (event.kind === 'hedge') counts.hedges += 1;
    if (event.kind === 'breaker' && event.to.kind === 'open') counts.breakersOpened += 1;
  });
  return { client, counts };
}
