/** Carries out one phase on a running cluster: the network is put into its state, clients call, and it is healed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/client/client.js';
import { connectAdmin } from '../../src/index.js';
import type { ChaosCluster } from '../chaos-cluster.js';
import type { CheckResult } from '../check.js';
import type { HistoryEvent } from '../history.js';
import { HistoryWriter, labelOf } from '../history-writer.js';
import { Callers } from '../run/callers.js';
import { awaitConvergence } from '../run/replicas.js';
import { judge } from '../run/run-scenario.js';
import { keysOf } from '../workloads/workload.js';
import { burst, claimsLinearizable } from './burst.js';
import { PARTITION, SLOW_MS, type Phase } from './cells.js';
import { halfAndHalf } from './half-and-half.js';
import { judgeCell, type Cell, type IsListed } from './judge-cell.js';

export interface PhaseOptions {
  readonly cluster: ChaosCluster;
  /** A client of each node that knows no other one. */
  readonly clients: ReadonlyMap<string, Client>;
  readonly seconds: number;
  readonly seed: number;
  /** Linearizable answers to be gathered, and checked, beyond the measured ones. */
  readonly burst: number;
}

export interface PhaseResult {
  readonly cells: readonly Cell[];
  /** Operations whose receipts claimed linearizability and were checked. */
  readonly checkedLinearizable: number;
  readonly linearizabilityViolations: number;
  readonly problems: readonly string[];
}

const KEYS = 12;
/** Callers of each node. */
const CALLERS = 4;
const PAUSE_MS = 0.5;
const CALL_TIMEOUT_MS = 2_000;
const CONVERGENCE_TIMEOUT_MS = 60_000;
const CONFLICTS_MAX = 100_000;

export async function runPhase(phase: Phase, options: PhaseOptions): Promise<PhaseResult> {
  const { cluster, clients, seconds, seed } = options;
  const history: HistoryEvent[] = [];
  const keys = keysOf(`${phase.level}-${phase.condition}`, KEYS);
  await enter(phase, cluster);
  const callers = new Callers({
    groups: [...clients].map(([name, client]) => ({ name, client })),
    workloads: Array.from({ length: CALLERS }, (_, at) => halfAndHalf(phase.level, keys, String(at), CALL_TIMEOUT_MS)),
    seed,
    pauseMs: PAUSE_MS,
    into: history,
  });
  await sleep(seconds * 1_000);
  await callers.stop();
  const more = claimsLinearizable(phase) ? await burst(phase, { clients, seed, wanted: options.burst }) : undefined;
  await cluster.heal();
  const all = [...keys, ...(more?.keys ?? [])];
  const reader = { clients, replicas: clients.size, keys: all, late: [] };
  const settled = await awaitConvergence(reader, CONVERGENCE_TIMEOUT_MS);
  const last = [...clients.values()].at(-1)!;
  await readAll(keys, last, history);
  const result = judge(history, clients.size, settled);
  const results = [result];
  if (more !== undefined) {
    await readAll(more.keys, last, more.history);
    results.push(judge(more.history, clients.size));
  }
  return { cells: judgeCell(phase, history, result, await listedIn(cluster)), ...totalsOf(results) };
}

/** What the conflict ledger of the cluster lists. */
async function listedIn(cluster: ChaosCluster): Promise<IsListed> {
  const admin = await connectAdmin({ nodes: cluster.targets.map(({ address }) => address), tls: cluster.tls });
  try {
    const { conflicts } = await admin.conflicts({ limit: CONFLICTS_MAX });
    const listed = new Set(conflicts.map(({ key, discarded }) => `${key} ${labelOf(discarded.value)}`));
    return (key, value) => listed.has(`${key} ${value}`);
  } finally {
    admin.close();
  }
}

function totalsOf(results: readonly CheckResult[]): Omit<PhaseResult, 'cells'> {
  const verdicts = results.flatMap((result) => result.verdicts);
  const linearizability = verdicts.filter(({ checker }) => checker === 'linearizability');
  return {
    checkedLinearizable: linearizability.reduce((sum, { checkedOperations }) => sum + checkedOperations, 0),
    linearizabilityViolations: linearizability.reduce((sum, { violations }) => sum + violations.length, 0),
    problems: verdicts.flatMap(({ checker, violations, undecidedKeys }) => [
      ...violations.slice(0, 2).map(({ key, explanation }) => `${checker}: key ${key}: ${explanation}`),
      ...(undecidedKeys.length > 0 ? [`${checker}: ${undecidedKeys.length} keys were too hard to decide`] : []),
    ]),
  };
}

async function enter({ condition }: Phase, cluster: ChaosCluster): Promise<void> {
  if (condition === 'slow') await cluster.latency('*', '*', SLOW_MS);
  if (condition === 'partition') await cluster.partition(PARTITION);
}

async function readAll(keys: readonly string[], client: Client, history: HistoryEvent[]): Promise<void> {
  const writer = new HistoryWriter(history, 'final.reader');
  for (const key of keys) {
    const begun = writer.begin(key, 'get', { final: true });
    await client.get(key, { level: 'QUORUM' }).then(begun.got, begun.failed);
  }
}
