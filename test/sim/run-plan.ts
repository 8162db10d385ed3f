/** Carries out a plan: the run, the heal, the last reads, and the judgement. */
import type { MutateRequest, Reply } from '../../src/core/request.js';
import { makeOperation, type Expectation } from '../../src/core/operation.js';
import { compareBallots, formatBallot, NO_BALLOT } from '../../src/core/ballot.js';
import { CLOCK_BOUND_MS, HINT_SWEEP_PERIOD_MS, TOTAL_TIMEOUT_MS } from '../../src/core/defaults.js';
import { Ring } from '../../src/core/ring.js';
import { sameState, type State } from '../../src/core/state.js';
import { formatVersion, parseVersion } from '../../src/core/version.js';
import { prefersConsistency, type Policy } from '../../src/core/policy.js';
import { Faults, heal } from './faults.js';
import type { AttemptsOptions } from './attempts.js';
import { beginScan } from './begin-scan.js';
import { forgetDeletion } from './forget-deletion.js';
import { judge } from './judge.js';
import type { Plan } from './plan.js';
import { conflictsOn } from './lineage.js';
import { Recorder } from './recorder.js';
import { settlePolicy } from './settle-policy.js';
import { SimClient } from './sim-client.js';
import { SimCluster } from './sim-cluster.js';
import { EPOCH } from './sim-clock.js';
import type { SimNode } from './sim-node.js';
import { Violation } from './violation.js';
import { Watch } from './watch.js';
import { describeReply, traced } from './transcript.js';

export interface RunResult {
  readonly violation: Violation | undefined;
  readonly operations: number;
  readonly steps: number;
  /** That went through to the end. */
  readonly scans: number;
  readonly transcript: readonly string[];
}

const LINKS_UP_MS = 3_000;
const CLIENTS_MS = 30_000;
/** Longer than the last copies of a request are kept back, and than heartbeats take. */
const SETTLE_LEAST_MS = 400;
/** Longer than any request of a run, and than a silent link is borne. */
const SETTLE_MOST_MS = 9_000;
/** Longer than any frame travels, and than a slow disk takes. */
const LAST_REPAIRS_MS = 2_000;
/** Longer than a node waits for lost answers and before it tries again. */
const HAND_OVER_MS = 3 * TOTAL_TIMEOUT_MS + HINT_SWEEP_PERIOD_MS;
const FINAL_TIMEOUT_MS = 1_500;

export function runPlan(plan: Plan, options: { readonly trace?: boolean } = {}): RunResult {
  const run = new PlanRun(plan, options.trace === true);
  let violation: Violation | undefined;
  try {
    run.carryOut();
  } catch (error) {
    violation = error instanceof Violation ? error : new Violation('no exceptions', describe(error));
  }
  const { operations, steps, scans, transcript } = run;
  return { violation, operations, steps, scans, transcript };
}

class PlanRun {
  readonly #plan: Plan;
  readonly #watch = new Watch();
  readonly #cluster: SimCluster;
  readonly #ring: Ring;
  readonly #recorder: Recorder;
  readonly #acknowledged: MutateRequest[] = [];
  #scan: ReturnType<typeof beginScan>;
  readonly #unanswered: AttemptsOptions['unanswered'] = new Map();
  readonly transcript: string[] = [];
  /** At the end. */
  #policy: Policy;
  readonly #say: (line: string) => void;

  constructor(plan: Plan, trace: boolean) {
    this.#plan = plan;
    this.#policy = plan.policy;
    this.#say = trace
      ? (line) => {
          this.transcript.push(`${this.#cluster.scheduler.nowMs.toFixed(2).padStart(9)}  ${line}`);
        }
      : () => undefined;
    this.#cluster = new SimCluster(plan, trace ? traced(this.#watch, this.#say) : this.#watch);
    this.#ring = new Ring({ nodes: plan.nodes, replicas: plan.replicas });
    this.#watch.use((node) => this.#cluster.node(node).disk, {
      nodes: plan.nodes,
      keys: plan.keys,
      of: (key) => this.#ring.homeReplicas(key),
    });
    this.#recorder = new Recorder(this.#cluster.scheduler);
  }

  get operations(): number {
    return this.#recorder.events.filter(({ type }) => type === 'invoke').length;
  }

  get scans(): number {
    return this.#scan?.completed ?? 0;
  }

  get steps(): number {
    return this.#cluster.steps;
  }

  carryOut(): void {
    const cluster = this.#cluster;
    for (const node of cluster.nodes) node.start();
    cluster.run(LINKS_UP_MS, () => cluster.allLinksUp());
    this.#scan = beginScan({
      plan: this.#plan,
      cluster,
      ring: this.#ring,
      recorder: this.#recorder,
      ask: (node, request) => this.#ask(node, request),
      say: this.#say,
    });
    this.#runClients();
    this.#scan?.stop();
    this.#say('heal');
    heal(cluster);
    this.#settle();
    this.#clocksBounded();
    this.#alignClocks();
    this.#policy = settlePolicy(cluster, this.#plan.keys);
    this.#handOver();
    for (const key of this.#plan.keys) this.#converge(key);
    const lasting = this.#diskValues();
    const disks = cluster.nodes.map(({ disk }) => disk);
    for (const key of this.#plan.keys) {
      const last = cluster.node(this.#ring.primary(key)).disk.synced(key);
      this.#watch.lineage.judge(key, last, disks);
    }
    const discarded = disks.flatMap(conflictsOn).map((conflict) => ({
      key: conflict.key,
      version: formatVersion(conflict.discarded.version),
    }));
    for (const key of this.#plan.keys) this.#forget(key);
    judge({ events: this.#recorder.events, replicas: this.#plan.replicas, lasting, discarded });
  }

  #runClients(): void {
    const cluster = this.#cluster;
    const seen = new Map<string, Expectation>();
    const faults = new Faults(cluster, this.#plan.faults, this.#say);
    let working = this.#plan.clients.length;
    for (const { name, operations } of this.#plan.clients) {
      new SimClient({
        plan: this.#plan,
        cluster,
        recorder: this.#recorder,
        name,
        operations,
        seen,
        acknowledged: this.#acknowledged,
        unanswered: this.#unanswered,
        say: this.#say,
        onInvoke: () => {
          faults.operationBegins();
        },
        onDone: () => {
          working -= 1;
        },
      }).next();
    }
    cluster.run(cluster.scheduler.nowMs + CLIENTS_MS, () => working === 0);
  }

  /** Until every request is answered, and everybody takes everybody for reachable. */
  #settle(): void {
    const cluster = this.#cluster;
    const start = cluster.scheduler.nowMs;
    cluster.run(start + SETTLE_LEAST_MS);
    cluster.run(start + SETTLE_MOST_MS, () => this.#open() === undefined && cluster.allReachEachOther());
    cluster.run(cluster.scheduler.nowMs + SETTLE_LEAST_MS);
    const name = this.#open();
    if (name !== undefined) throw new Violation('every request is answered', name);
  }

  #open(): string | undefined {
    for (const { host, name } of this.#unanswered.values()) if (host?.dead === false) return name;
    return undefined;
  }

  /** Invariant 12. */
  #clocksBounded(): void {
    for (const node of this.#cluster.nodes) {
      const physical = node.clock.physicalMicros();
      const minted = node.mint('a key that nobody writes');
      if (minted === undefined || minted.time <= physical + CLOCK_BOUND_MS * 1_000) continue;
      throw new Violation(
        "a node's clock stays within its bound",
        `${node.name}: ${formatBallot(minted)} at ${physical}`,
      );
    }
  }

  /** Clocks are set right, and to a time at which no ballot of the run lies in the future. */
  #alignClocks(): void {
    const { scheduler, nodes } = this.#cluster;
    const ahead = Math.max(0, this.#watch.highestBallotTime - EPOCH - scheduler.nowMs * 1_000);
    const latest = Math.max(...nodes.map(({ clock }) => clock.offset));
    for (const { clock } of nodes) clock.set(Math.max(ahead, latest) + 1_000);
  }

  /** Every hint reaches the replica it is kept for. */
  #handOver(): void {
    const { scheduler, nodes } = this.#cluster;
    const kept = (): string[] => nodes.flatMap(({ disk }) => disk.notes('hint', 1).map(({ name }) => name));
    this.#cluster.run(scheduler.nowMs + HAND_OVER_MS, () => kept().length === 0);
    const left = kept();
    if (left.length > 0) throw new Violation('every hint is handed over', JSON.stringify(left));
  }

  /** Invariant 8: read at ALL until it goes through; then all home replicas hold the same. */
  #converge(key: string): void {
    const cluster = this.#cluster;
    const homes = this.#ring.homeReplicas(key);
    const nodes = homes.map((name) => cluster.node(name));
    const consistent = prefersConsistency(this.#policy);
    if (!consistent) this.#touchAll(key, nodes);
    this.#finalRead(key, nodes);
    const { scheduler } = cluster;
    cluster.run(scheduler.nowMs + 200);
    // Somebody else's repair may have come in between, and be on its way to the last of them.
    cluster.run(scheduler.nowMs + LAST_REPAIRS_MS, () => this.#differing(key, nodes) === undefined);
    const differing = this.#differing(key, nodes);
    if (differing !== undefined) throw new Violation('convergence', `${key} after a read at ALL: ${differing}`);
  }

  #forget(key: string): void {
    this.#say(`forget ${key}`);
    forgetDeletion(this.#cluster, {
      key,
      graceMs: this.#plan.graceMs,
      homes: this.#ring.homeReplicas(key).map((name) => this.#cluster.node(name)),
      acknowledged: this.#acknowledged.filter((request) => request.key === key),
      ask: (node, request) => this.#ask(node, request),
    });
  }

  /** What home replicas hold, if it is not the same. */
  #differing(key: string, nodes: readonly SimNode[]): string | undefined {
    const [first, ...others] = nodes.map(({ disk }) => disk.synced(key));
    const same = others.every(
      (other) =>
        compareBallots(first?.accepted ?? NO_BALLOT, other?.accepted ?? NO_BALLOT) === 0 &&
        sameOrNone(first?.state ?? null, other?.state ?? null),
    );
    if (same) return undefined;
    return nodes.map(({ name, disk }) => `${name} ${formatBallot(disk.synced(key)?.accepted ?? NO_BALLOT)}`).join(', ');
  }

  #finalRead(key: string, nodes: readonly SimNode[]): void {
    let last: Reply | undefined;
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const process = `final${attempt}`;
      this.#recorder.invoke({ process, key, kind: 'get', final: true });
      const node = nodes[attempt % nodes.length]!;
      last = this.#ask(node, { kind: 'get', key, level: 'ALL', timeoutMs: FINAL_TIMEOUT_MS, allowStale: false });
      this.#say(`final read of ${key} at ${node.name}: ${last === undefined ? 'no answer' : describeReply(last)}`);
      if (last?.kind === 'value' && !last.receipt.degraded) {
        this.#recorder.ok({ process, key, kind: 'get' }, last);
        return;
      }
      this.#recorder.ended('fail', { process, key, kind: 'get' }, last?.kind === 'error' ? last.error.code : 'TIMEOUT');
    }
    throw new Violation('a healed cluster answers', `read of ${key} at ALL: ${JSON.stringify(last)}`);
  }

  /** Where reads repair nothing: a condition that fails, by consensus and at ALL, leaves all replicas alike. */
  #touchAll(key: string, nodes: readonly SimNode[]): void {
    const expect = parseVersion('1.0.0.00000000000000ff')!;
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const node = nodes[attempt % nodes.length]!;
      const id = node.mint(key);
      if (id === undefined) continue;
      const operation = makeOperation(id, 'consensus', { kind: 'delete', expect });
      const reply = this.#ask(node, {
        kind: 'mutate',
        key,
        level: 'ALL',
        timeoutMs: FINAL_TIMEOUT_MS,
        operation,
        name: null,
      });
      this.#say(`final touch of ${key} at ${node.name}: ${reply === undefined ? 'no answer' : describeReply(reply)}`);
      if (
        reply?.kind === 'error' &&
        reply.error.code === 'CONDITION_FAILED' &&
        this.#differing(key, nodes) === undefined
      )
        return;
    }
    throw new Violation('a healed cluster answers', `no conditional delete of ${key} at ALL went through`);
  }

  #ask(node: SimNode, request: Parameters<SimNode['execute']>[0]): Reply | undefined {
    let reply: Reply | undefined;
    const { scheduler } = this.#cluster;
    scheduler.after(0, node.host, () => {
      node.execute(request, (answer) => {
        reply = answer;
      });
    });
    this.#cluster.run(scheduler.nowMs + FINAL_TIMEOUT_MS + 1_000, () => reply !== undefined);
    return reply;
  }

  #diskValues(): Set<string> {
    const values = new Set<string>();
    for (const { disk } of this.#cluster.nodes) {
      for (const key of disk.keys) {
        const value = disk.synced(key)?.state?.value;
        if (value != null) values.add(Buffer.from(value).toString('utf8'));
      }
    }
    return values;
  }
}

function sameOrNone(a: State | null, b: State | null): boolean {
  return a === b || (a !== null && b !== null && sameState(a, b));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
