/**
 * One logical operation as an SDK carries it out: the same operation through several coordinators, at once or
 * later, its outcomes combined by PROTOCOL.md rule 21.
 */
import type { Reply, Request, ValueReply } from '../../src/core/request.js';
import { formatVersion } from '../../src/core/version.js';
import type { ClusterClock } from '../../src/client/cluster-clock.js';
import type { Workload } from './plan.js';
import type { Prng } from './prng.js';
import type { Host } from './scheduler.js';
import type { SimCluster } from './sim-cluster.js';
import { describeReply } from './transcript.js';
import type { SimNode } from './sim-node.js';
import { Violation } from './violation.js';

export interface AttemptsOptions {
  readonly cluster: SimCluster;
  /** That may be asked. */
  readonly nodes: readonly SimNode[];
  readonly random: Prng;
  readonly clock: ClusterClock;
  readonly workload: Workload;
  readonly request: Request;
  /** An answer that shows less than its session has seen is none: others are asked. */
  readonly shows: (reply: ValueReply) => boolean;
  /** Named in violations. */
  readonly name: string;
  readonly say: (line: string) => void;
  /** Requests that arrived at a process and that it has not answered yet. */
  readonly unanswered: Map<object, { readonly host: Host | undefined; readonly name: string }>;
  readonly onEnd: (end: End) => void;
}

export type End =
  | { readonly kind: 'ok'; readonly reply: Extract<Reply, { kind: 'value' | 'mutated' }> }
  | { readonly kind: 'fail'; readonly reply: Extract<Reply, { kind: 'error' }> | undefined }
  | { readonly kind: 'unknown'; readonly code: string };

const ATTEMPTS_MAX = 4;

export class Attempts {
  readonly #options: AttemptsOptions;
  #sent = 0;
  #open = 0;
  #ended: End['kind'] | undefined;
  #firstOk: string | undefined;
  #lastError: Extract<Reply, { kind: 'error' }> | undefined;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  start(): void {
    const { cluster, random, workload, request } = this.#options;
    this.#attempt();
    if (random.chance(workload.hedges)) this.#later(random.around(20), () => this.#hedge());
    const deadlineMs = request.timeoutMs + random.pick([10, 300]);
    cluster.scheduler.atTime(deadlineMs, undefined, () => {
      this.#end({ kind: 'unknown', code: 'TIMEOUT' });
    });
    if (random.chance(workload.lateCopies)) this.#later(random.between(20, 350), () => this.#lateCopy());
  }

  #later(delayMs: number, run: () => void): void {
    this.#options.cluster.scheduler.atTime(delayMs, undefined, run);
  }

  #hedge(): void {
    if (this.#ended === undefined) this.#attempt();
  }

  /** A copy that the network kept for long: after success or an unknown end it must change nothing. */
  #lateCopy(): void {
    if (this.#sent > 0 && this.#ended !== 'fail') this.#attempt();
  }

  #attempt(): void {
    const { cluster, nodes, random, workload } = this.#options;
    const node = random.pick(nodes);
    if (!node.running) {
      this.#failed(undefined);
      return;
    }
    this.#sent += 1;
    this.#open += 1;
    const sentMs = cluster.scheduler.nowMs;
    const lost = random.chance(workload.clientDrop);
    const { host } = node;
    if (lost) return;
    cluster.scheduler.after(random.around(workload.clientDelayMs), host, () => {
      this.#arrive(node, sentMs);
    });
  }

  #arrive(node: SimNode, sentMs: number): void {
    const { cluster, random, workload, request, name, say, unanswered } = this.#options;
    const { host } = node;
    let answers = 0;
    say(`${name} arrives at ${node.name}`);
    const arrival = {};
    unanswered.set(arrival, { host, name: `${name} at ${node.name}` });
    node.execute(request, (reply) => {
      answers += 1;
      unanswered.delete(arrival);
      if (answers > 1) throw new Violation('every request is answered once', `${name} at ${node.name}`);
      const clock = node.clock.physicalMicros();
      say(`${node.name} answers ${name}: ${describeReply(reply)}`);
      if (random.chance(workload.clientDrop)) return;
      cluster.scheduler.after(random.around(workload.clientDelayMs), undefined, () => {
        this.#options.clock.learn(node.name, { sentMs, receivedMs: cluster.scheduler.nowMs, clock });
        this.#open -= 1;
        this.#onReply(reply);
      });
    });
  }

  #onReply(reply: Reply): void {
    if (reply.kind === 'value' && !this.#options.shows(reply)) this.#failed(undefined);
    else if (reply.kind === 'value' || reply.kind === 'mutated') {
      this.#oneOutcome(reply);
      this.#end({ kind: 'ok', reply });
    } else if (reply.kind === 'error') this.#failed(reply);
  }

  /** Rule 7b: every attempt that is answered ok is answered alike, where the receipt vouches for order at all. */
  #oneOutcome(reply: Extract<Reply, { kind: 'value' | 'mutated' }>): void {
    if (reply.kind === 'value' || reply.receipt.guarantee !== 'linearizable') return;
    const version = formatVersion(reply.version);
    this.#firstOk ??= version;
    if (this.#firstOk !== version) {
      throw new Violation('one outcome per operation', `${this.#options.name}: ${this.#firstOk}, then ${version}`);
    }
  }

  #failed(reply: Extract<Reply, { kind: 'error' }> | undefined): void {
    const { random, workload, clock, cluster } = this.#options;
    this.#lastError = reply ?? this.#lastError;
    if (reply?.error.floor !== undefined) clock.follow(reply.error.floor, cluster.scheduler.nowMs);
    if (this.#ended !== undefined || this.#open > 0) return;
    const retryable = reply === undefined || reply.error.retryable;
    if (retryable && this.#sent < ATTEMPTS_MAX && random.chance(workload.retries)) {
      this.#later(random.around(30), () => this.#hedge());
      return;
    }
    if (this.#sent === 0) this.#end({ kind: 'fail', reply: undefined });
    else if (this.#sent === 1 && reply?.error.definite === true) this.#end({ kind: 'fail', reply });
    else this.#end({ kind: 'unknown', code: this.#lastError?.error.code ?? 'TIMEOUT' });
  }

  #end(end: End): void {
    if (this.#ended !== undefined) return;
    this.#ended = end.kind;
    this.#options.onEnd(end);
  }
}
