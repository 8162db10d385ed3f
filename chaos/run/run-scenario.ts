/** One scenario on a cluster of its own: workload and faults, then healing, convergence and every checker. */
import { connect } from '../../src/index.js';
import type { Client } from '../../src/client/client.js';
import type { Level } from '../../src/core/level.js';
import type { Policy } from '../../src/core/policy.js';
import { startChaosCluster, type ChaosCluster } from '../chaos-cluster.js';
import { check, withVerdict, type CheckResult } from '../check.js';
import { checkCounters } from '../checkers/counters.js';
import { pairOperations } from '../checkers/operation.js';
import type { HistoryEvent } from '../history.js';
import { HistoryWriter, historyTimeMs } from '../history-writer.js';
import type { Scenario } from '../scenario/scenario.js';
import { COUNTER_PREFIX } from '../workloads/counters.js';
import { WORKLOADS } from '../workloads/index.js';
import type { Workload } from '../workloads/workload.js';
import { Callers } from './callers.js';
import { changePolicy } from './change-policy.js';
import { measure, type Measured } from './measures.js';
import { awaitConvergence, type Settled } from './replicas.js';
import { Stage, type Span } from './stage.js';

export interface RunOptions {
  readonly policy: Policy;
  readonly seed: number;
  /** Which Toxiproxy carries the links; see startChaosCluster. */
  readonly toxiproxy?: 'installed' | 'embedded' | undefined;
  /** Between two calls of one caller, on average, in milliseconds; 8 by default. */
  readonly pauseMs?: number | undefined;
  readonly watcher?: RunWatcher | undefined;
}

export type Phase = 'starting' | 'running' | 'healing' | 'converging' | 'checking';

/** Told how it goes. `history` grows meanwhile. */
export interface RunWatcher {
  phase(phase: Phase, history: readonly HistoryEvent[]): void;
  span(span: Span, what: 'begins' | 'confirmed' | 'ends'): void;
}

export interface RunResult {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
  readonly toxiproxy: string;
  readonly history: readonly HistoryEvent[];
  /** When the workload began, in the time of the history. */
  readonly startMs: number;
  readonly spans: readonly Span[];
  readonly measured: Measured;
  readonly settledMs: number | undefined;
  readonly result: CheckResult;
}

/** Tombstones, hints and Merkle trees have their periods; the rest is for slow machines. */
const CONVERGENCE_TIMEOUT_MS = 90_000;
const CALL_TIMEOUT_MS = 2_000;
const PAUSE_MS = 8;
/** The policy's own level most of the time, with some of every other. */
const LEVELS: readonly (Level | undefined)[] = [undefined, undefined, undefined, 'QUORUM', 'ONE', 'ALL'];

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const history: HistoryEvent[] = [];
  options.watcher?.phase('starting', history);
  const { nodes, replicas } = scenario;
  const cluster = await startChaosCluster({ nodes, replicas, policy: options.policy, toxiproxy: options.toxiproxy });
  const clients: Client[] = [];
  try {
    const pinned = await pinnedClients(cluster, clients);
    return await new Run(scenario, options, cluster, pinned, history).run();
  } finally {
    await Promise.allSettled(clients.map((client) => client.close()));
    await cluster.stop();
  }
}

/** A client of each node that knows no other one. */
export async function pinnedClients(cluster: ChaosCluster, opened: Client[]): Promise<Map<string, Client>> {
  const clients = new Map<string, Client>();
  for (const { id, address } of cluster.nodes) {
    const client = await connect({ nodes: [address], tls: cluster.tls, discover: false, name: `at-${id}` });
    opened.push(client);
    clients.set(id, client);
  }
  return clients;
}

class Run {
  readonly #workloads: readonly Workload[];
  readonly #stage: Stage;

  constructor(
    private readonly scenario: Scenario,
    private readonly options: RunOptions,
    private readonly cluster: ChaosCluster,
    private readonly pinned: ReadonlyMap<string, Client>,
    private readonly history: HistoryEvent[],
  ) {
    this.#workloads = scenario.workloads.map((name) => WORKLOADS[name]({ levels: LEVELS, timeoutMs: CALL_TIMEOUT_MS }));
    this.#stage = new Stage({
      target: cluster,
      restart: (node) => cluster.restart(node),
      changePolicy: ({ policy }) => changePolicy(cluster, policy),
      onSpan: (span, what) => options.watcher?.span(span, what),
    });
  }

  async run(): Promise<RunResult> {
    const { scenario, options, cluster, history } = this;
    const any = await cluster.connect({ name: 'any' });
    this.#phase('running');
    const startMs = historyTimeMs();
    const groups = [...this.pinned].map(([name, client]) => ({ name, client }));
    const callers = new Callers({
      groups: [...groups, { name: 'any', client: any }],
      workloads: this.#workloads,
      seed: options.seed,
      pauseMs: options.pauseMs ?? PAUSE_MS,
      into: history,
    });
    await this.#stage.play(scenario.steps, scenario.seconds * 1_000).finally(() => callers.stop());
    const endMs = historyTimeMs();
    this.#phase('healing');
    await cluster.heal();
    this.#phase('converging');
    const settled = await this.#settle();
    await this.#readAll(any);
    this.#phase('checking');
    return {
      scenario,
      policy: options.policy,
      seed: options.seed,
      toxiproxy: cluster.toxiproxy.kind,
      history,
      startMs,
      spans: this.#stage.spans,
      measured: measure(pairOperations(history), startMs, endMs),
      settledMs: settled.tookMs,
      result: judge(history, scenario.replicas, settled),
    };
  }

  #settle(): Promise<Settled> {
    const keys = this.#keys();
    const { replicas, late } = this.scenario;
    return awaitConvergence({ clients: this.pinned, replicas, keys, late }, CONVERGENCE_TIMEOUT_MS);
  }

  /** Reads that show what lasts. */
  async #readAll(client: Client): Promise<void> {
    const writer = new HistoryWriter(this.history, 'final.reader');
    for (const key of this.#keys()) {
      const begun = writer.begin(key, 'get', { final: true });
      await client.get(key, { level: 'QUORUM' }).then(begun.got, begun.failed);
    }
  }

  #keys(): string[] {
    return this.#workloads.flatMap(({ keys }) => keys);
  }

  #phase(phase: Phase): void {
    this.options.watcher?.phase(phase, this.history);
  }
}

/** Every checker over a history, and over what the nodes held in the end. */
export function judge(history: readonly HistoryEvent[], replicas: number, settled?: Settled): CheckResult {
  const { dumps, homes } = settled ?? {};
  const result = check(history, { replicas, ...(dumps === undefined ? {} : { dumps, homes: homes! }) });
  return withVerdict(
    result,
    checkCounters(pairOperations(history), (key) => key.startsWith(COUNTER_PREFIX)),
  );
}
