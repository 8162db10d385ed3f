/** A client that does one random operation after the other, as an SDK would. */
import type { HistoryEvent } from '../../chaos/history.js';
import { ClusterClock } from '../../src/client/cluster-clock.js';
import { formatBallot, type Ballot } from '../../src/core/ballot.js';
import type { Level } from '../../src/core/level.js';
import { makeOperation, type Expectation, type Mutation } from '../../src/core/operation.js';
import { formOf, type Policy } from '../../src/core/policy.js';
import type { MutateRequest, Request } from '../../src/core/request.js';
import { formatVersion } from '../../src/core/version.js';
import { Attempts, type AttemptsOptions, type End } from './attempts.js';
import type { ClientKind, Plan } from './plan.js';
import { Prng } from './prng.js';
import type { Recorder } from './recorder.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimNode } from './sim-node.js';
import { SimSession } from './sim-session.js';

export interface SimClientOptions {
  readonly plan: Plan;
  readonly cluster: SimCluster;
  readonly recorder: Recorder;
  readonly name: string;
  readonly operations: number;
  /** What any client has last seen of each key: what compare-and-sets are tried on. */
  readonly seen: Map<string, Expectation>;
  /** Mutations that were answered ok, by any client. */
  readonly acknowledged: MutateRequest[];
  readonly unanswered: AttemptsOptions['unanswered'];
  readonly say: (line: string) => void;
  readonly onInvoke: () => void;
  readonly onDone: () => void;
}

interface Call {
  readonly process: string;
  /** Undefined where the client has none. */
  readonly session?: string;
  readonly key: string;
  readonly kind: ClientKind;
}

export class SimClient {
  readonly #options: SimClientOptions;
  readonly #clock: ClusterClock;
  readonly #session: SimSession | undefined;
  readonly #nodes: readonly SimNode[];
  /** That of the cluster, as the last receipt said. */
  #policy: Policy;
  #number = 0;

  constructor(options: SimClientOptions) {
    this.#options = options;
    const { cluster, name, plan } = options;
    this.#policy = plan.policy;
    const incarnation = new Prng(plan.seed, `client/${name}`).hex64();
    const hasSession = new Prng(plan.seed, `session/${name}`).chance(plan.workload.sessions ?? 0);
    this.#session = hasSession ? new SimSession(plan.replicas) : undefined;
    this.#clock = new ClusterClock({ node: name, incarnation });
    const pin = new Prng(plan.seed, `pinned/${name}`);
    this.#nodes = pin.chance(plan.workload.pinned ?? 0) ? [pin.pick(cluster.nodes)] : cluster.nodes;
    const { nowMs } = cluster.scheduler;
    for (const node of this.#nodes) {
      this.#clock.learn(node.name, { sentMs: nowMs - 1, receivedMs: nowMs, clock: node.clock.physicalMicros() });
    }
  }

  next(): void {
    const { plan, name, operations, cluster, onDone } = this.#options;
    if (this.#number >= operations) {
      onDone();
      return;
    }
    this.#number += 1;
    const random = new Prng(plan.seed, `client/${name}/${this.#number}`);
    cluster.scheduler.atTime(random.around(plan.workload.thinkMs), undefined, () => {
      this.#carryOut(random);
    });
  }

  #carryOut(random: Prng): void {
    const { plan, cluster, recorder, name, say } = this.#options;
    const drawn = weighted(plan.workload.kinds, random);
    const key = random.pick(plan.keys);
    const kind = drawn === 'delete' && plan.scan?.lasting.includes(key) === true ? 'put' : drawn;
    const session = this.#session === undefined ? {} : { session: name };
    const call: Call = { process: name, ...session, key, kind };
    const level = weighted(plan.workload.levels, random);
    const { low, high } = plan.workload.timeoutMs;
    const timeoutMs = random.between(low, high);
    const label = `${name}.${this.#number}`;
    const reading = { ...get(key, level, timeoutMs), ...this.#session?.reads(key) };
    const request = kind === 'get' ? reading : this.#mutation(call, label, level, timeoutMs, random);
    const described = describeRequest(request, label);
    recorder.invoke({ ...call, ...described.fields });
    say(`${described.line} at ${level}`);
    this.#options.onInvoke();
    new Attempts({
      cluster,
      nodes: this.#nodes,
      random,
      clock: this.#clock,
      workload: plan.workload,
      request,
      shows: (reply) => this.#session?.shows(key, reply) ?? true,
      name: label,
      say,
      unanswered: this.#options.unanswered,
      onEnd: (end) => {
        if (end.kind === 'ok' && request.kind === 'mutate') this.#options.acknowledged.push(request);
        this.#onEnd(call, label, end);
        this.next();
      },
    }).start();
  }

  #mutation(call: Call, label: string, level: Level, timeoutMs: number, random: Prng): Request {
    const { plan, cluster, seen } = this.#options;
    const expect = expectation(call.kind, seen.get(call.key), random);
    const ttlMs = random.chance(plan.workload.expiring) ? Math.ceil(random.around(150)) : 0;
    const value = new TextEncoder().encode(label);
    const mutation: Mutation =
      call.kind === 'delete' ? { kind: 'delete', expect } : { kind: 'put', value, encoding: 'bytes', ttlMs, expect };
    const form = expect === null ? formOf(this.#policy, level) : 'consensus';
    const id = this.#clock.mint(cluster.scheduler.nowMs);
    return {
      kind: 'mutate',
      key: call.key,
      level,
      timeoutMs,
      operation: makeOperation(id, form, mutation),
      name: null,
      ...this.#session?.writes(call.key),
    };
  }

  #onEnd(call: Call, label: string, end: End): void {
    const { recorder, seen, say, cluster } = this.#options;
    say(`${label} ends: ${end.kind}`);
    if (end.kind === 'ok') {
      this.#policy = end.reply.receipt.policy;
      seen.set(call.key, isPresent(call.kind, end.reply) ? end.reply.version : 'absent');
      recorder.ok(
        call,
        this.#session?.saw(call.key, call.kind, end.reply, this.#clock, cluster.scheduler.nowMs) ?? end.reply,
      );
    } else if (end.kind === 'unknown') recorder.ended(call.kind === 'get' ? 'fail' : 'unknown', call, end.code);
    else recorder.ended('fail', call, end.reply?.error.code ?? 'UNAVAILABLE', end.reply);
  }
}

function get(key: string, level: Level, timeoutMs: number): Request {
  return { kind: 'get', key, level, timeoutMs, allowStale: false };
}

function isPresent(kind: ClientKind, reply: Extract<End, { kind: 'ok' }>['reply']): boolean {
  return reply.kind === 'value' ? reply.value !== null : kind !== 'delete';
}

function expectation(kind: ClientKind, seen: Expectation | undefined, random: Prng): Expectation | null {
  if (kind === 'create') return 'absent';
  if (kind === 'cas') return seen ?? 'absent';
  return kind === 'delete' && seen !== undefined && random.chance(0.3) ? seen : null;
}

type Described = { line: string; fields: Pick<HistoryEvent, 'value' | 'expect' | 'op' | 'ttlMs'> };

function describeRequest(request: Request, label: string): Described {
  if (request.kind !== 'mutate')
    return { line: `${label} get ${request.kind === 'get' ? request.key : ''}`, fields: {} };
  const { id, mutation } = request.operation;
  const expect =
    mutation.expect === null ? undefined : mutation.expect === 'absent' ? 'absent' : formatVersion(mutation.expect);
  const what = mutation.kind === 'delete' ? 'delete' : 'put';
  return {
    line: `${label} ${what} ${request.key}${expect === undefined ? '' : ` if ${expect}`} [${formatBallot(id)}]`,
    fields: {
      op: opName(id),
      ...(mutation.kind === 'delete' ? {} : { value: label }),
      ...(mutation.kind === 'put' && mutation.ttlMs > 0 ? { ttlMs: mutation.ttlMs } : {}),
      ...(expect === undefined ? {} : { expect }),
    },
  };
}

function opName(id: Ballot): string {
  return `${id.time}@${id.node}`;
}

function weighted<T extends string>(weights: Readonly<Record<T, number>>, random: Prng): T {
  const entries = Object.entries(weights) as [T, number][];
  let left = random.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return entries.find(([, weight]) => weight > 0)![0];
}
