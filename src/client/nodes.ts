/** The nodes of the cluster as this client knows them: whom it was told of, whom it found, and whom to ask. */
import type { FulcrumError } from '../core/errors.js';
import type { Policy } from '../core/policy.js';
import { Ring } from '../core/ring.js';
import type { Hello } from '../ports/pipe.js';
import { Balancer, type BalancerOptions } from './balancer.js';
import type { Call, Carrier } from './call.js';
import type { ClusterClock, Exchange } from './cluster-clock.js';
import * as failures from './failures.js';
import { FirstContact } from './first-contact.js';
import { Heartbeat } from './heartbeat.js';
import { withLatestPolicy } from './latest-hello.js';
import type { NodeMetrics } from './metrics.js';
import { brokenBy, describeProblems, isUsable, isWell, retryAfterMs } from './node-problems.js';
import { NodePipe, type NodePipeOwner, type NodePipeParts, type NodePlace } from './node-pipe.js';
import type { BreakerState, CircuitBreakerOptions } from './resilience/circuit-breaker.js';

export interface GivenNode {
  /** Where it is known, the cluster may move the node to another address. */
  readonly id?: string | undefined;
  /** host:port. */
  readonly address: string;
}

export interface NodesOptions extends BalancerOptions {
  readonly given: readonly GivenNode[];
  /** Whether to open pipes to nodes that were not given. */
  readonly discover: boolean;
  readonly breaker: CircuitBreakerOptions;
}

export interface ClusterView {
  readonly name: string;
  readonly policy: Policy;
  readonly replicas: number;
  readonly nodes: readonly { readonly id: string; readonly address: string; readonly connected: boolean }[];
}

/** One node's circuit breaker as this client sees it. */
export interface NodeBreaker {
  readonly node: string;
  /** Times are on the client's monotonic clock, as `performance.now()` gives them. */
  readonly state: BreakerState;
  /** When a call may be sent there again, in milliseconds from now; 0: now. */
  readonly retryAfterMs: number;
}

export class Nodes implements NodePipeOwner {
  readonly #options: NodesOptions;
  readonly #parts: NodePipeParts;
  readonly #time: ClusterClock;
  readonly #pipes: NodePipe[] = [];
  readonly #byId = new Map<string, NodePipe>();
  readonly #balancer: Balancer;
  readonly #heartbeat: Heartbeat;
  readonly #contact: FirstContact;
  /** By the list of names that the ring gives out. */
  readonly #homes = new Map<readonly string[], readonly NodePipe[]>();
  /** Some node's breaker is not closed. */
  #isTroubled = false;
  /** The newest; undefined until a node answered. */
  #hello: Hello | undefined;
  #ring = new Ring({ nodes: [], replicas: 0 });

  constructor(options: NodesOptions, parts: NodePipeParts, time: ClusterClock) {
    this.#options = options;
    this.#parts = parts;
    this.#time = time;
    this.#balancer = new Balancer(options, parts.random);
    this.#contact = new FirstContact(parts.clock, () => this.#pipes);
    this.#heartbeat = new Heartbeat(parts.clock, () => this.#pipes);
    for (const { id, address } of options.given) this.#add({ id, address, fixed: id === undefined });
  }

  /** Resolves once the nodes that can be reached are; rejects with UNAVAILABLE where none can. */
  connect(): Promise<void> {
    const contact = this.#contact.wait();
    for (const pipe of [...this.#pipes]) pipe.start();
    this.#heartbeat.start();
    return contact;
  }

  stop(reason: Error): void {
    this.#heartbeat.stop();
    for (const pipe of this.#pipes) pipe.stop(reason);
  }

  /** Known from the moment that `connect` resolved. */
  get view(): ClusterView {
    const { cluster, policy, replicas, nodes } = this.#known();
    const seen = nodes.map(({ id, address }) => {
      const pipe = this.#byId.get(id);
      return { id, address: pipe?.address ?? address, connected: pipe?.open === true && !pipe.isSilent };
    });
    return { name: cluster, policy, replicas, nodes: seen };
  }

  get policy(): Policy {
    return this.#known().policy;
  }

  /** The pipe to each node of the cluster; undefined where there is none. */
  get members(): readonly { readonly id: string; readonly pipe: NodePipe | undefined }[] {
    return this.#known().nodes.map(({ id }) => ({ id, pipe: this.#byId.get(id) }));
  }

  /** Which nodes are whose home replicas. */
  get ring(): Ring {
    return this.#ring;
  }

  /** Whom to ask next; undefined: nobody, and `refusal` says why. */
  route(call: Call, nowMs: number): Carrier | undefined {
    if (call.target !== null) return isUsable(call.target, nowMs) ? call.target : undefined;
    const homes = this.#homesOf(call);
    if (this.#isTroubled && this.#tooFew(call, nowMs) !== undefined) return undefined;
    const picked = this.#balancer.pick(call, homes, this.#pipes, nowMs);
    if (call.last === null && picked !== undefined) this.#noteFailover(homes[0], picked, nowMs);
    return picked;
  }

  /** Another home replica to ask as well. */
  routeHedge(call: Call, nowMs: number): Carrier | undefined {
    return this.#balancer.pickHome(call, this.#homesOf(call), nowMs);
  }

  /** Why `route` found nobody: CIRCUIT_OPEN where breakers are the reason, else UNAVAILABLE. */
  refusal(call: Call, nowMs: number): FulcrumError {
    const broken = this.#tooFew(call, nowMs) ?? this.#nobody(call, nowMs);
    if (broken !== undefined) return failures.circuitOpen(call, broken);
    const unready = this.#pipes.filter((pipe) => (call.target === null ? !pipe.ready : pipe === call.target));
    return failures.nobodyToAsk(call, describeProblems(unready), this.#lastProblem);
  }

  /** The state of each node's circuit breaker. */
  breakers(nowMs: number): NodeBreaker[] {
    return this.#pipes.map((pipe) => ({
      node: pipe.name,
      state: pipe.breaker.stateAt(nowMs),
      retryAfterMs: retryAfterMs(pipe, nowMs),
    }));
  }

  metrics(nowMs: number): NodeMetrics[] {
    return this.#pipes.map((pipe) => ({
      node: pipe.name,
      connected: pipe.open && !pipe.isSilent,
      silent: pipe.isSilent,
      inFlight: pipe.load.inFlight,
      breaker: pipe.breaker.stateAt(nowMs).kind,
    }));
  }

  /** A node answered, with these home replicas: it had an answer from each. */
  answeredBy(replicas: readonly string[], nowMs: number): void {
    for (const id of replicas) this.#byId.get(id)?.seenAsReplica(nowMs);
  }

  opened(pipe: NodePipe, hello: Hello, exchange: Exchange): void {
    if (this.#hello !== undefined && hello.cluster !== this.#hello.cluster) {
      pipe.refuse(new Error(`it belongs to cluster ${hello.cluster}, not to ${this.#hello.cluster}`));
      return;
    }
    if (!this.#claim(pipe, hello.process.node)) return;
    this.#time.learn(hello.process.node, exchange);
    this.#adopt(hello);
    this.#tellConnection(pipe, true);
    this.#settled();
  }

  changed(pipe: NodePipe, hello: Hello): void {
    if (hello.cluster !== this.#hello?.cluster || hello.process.node !== pipe.id) return;
    this.#adopt(hello);
    this.#settled();
  }

  failed(pipe: NodePipe): void {
    this.#tellConnection(pipe, false);
    this.#settled();
  }

  wavered(pipe: NodePipe): void {
    this.#tellConnection(pipe, !pipe.isSilent);
  }

  judged(): void {
    this.#isTroubled = this.#pipes.some((pipe) => pipe.isTroubled);
  }

  timed(pipe: NodePipe, exchange: Exchange): void {
    if (pipe.id !== undefined) this.#time.learn(pipe.id, exchange);
  }

  /** Two addresses may lead to one node: the pipe that is open stays. False: `pipe` is not needed. */
  #claim(pipe: NodePipe, id: string): boolean {
    const holder = this.#byId.get(id);
    if (holder !== undefined && holder !== pipe) {
      const spare = holder.open ? pipe : holder;
      this.#remove(spare, `another address of node ${id} is in use`);
      if (spare === pipe) return false;
    }
    if (pipe.id !== undefined && pipe.id !== id) this.#byId.delete(pipe.id);
    pipe.id = id;
    this.#byId.set(id, pipe);
    this.#homes.clear();
    return true;
  }

  #adopt(hello: Hello): void {
    const nodes = hello.nodes.map(({ id }) => id);
    const known = this.#hello?.nodes.map(({ id }) => id).join(' ');
    if (known !== nodes.join(' ') || this.#ring.replicas !== hello.replicas) {
      this.#ring = new Ring({ nodes, replicas: hello.replicas });
    }
    const latest = withLatestPolicy(hello, this.#hello);
    const isNews = this.#hello !== undefined && (this.#hello.policy !== latest.policy || known !== nodes.join(' '));
    this.#hello = latest;
    this.#homes.clear();
    const { events } = this.#parts;
    if (isNews && events.isHeard) events.tell({ kind: 'cluster', policy: latest.policy, nodes });
  }

  /** A pipe was opened or failed. */
  #settled(): void {
    this.#discover();
    this.#contact.look();
  }

  /** Opens pipes to nodes nobody gave, once it is known which node each given address leads to. */
  #discover(): void {
    const { discover } = this.#options;
    if (!discover || this.#hello === undefined) return;
    if (this.#pipes.some((pipe) => pipe.id === undefined && !pipe.tried)) return;
    for (const { id, address } of this.#hello.nodes) {
      const known = this.#byId.get(id) ?? this.#pipes.find((pipe) => pipe.address === address);
      if (known === undefined) this.#add({ id, address, fixed: false }).start();
      else if (!known.fixed) known.address = address;
    }
  }

  #add(place: NodePlace): NodePipe {
    const pipe = new NodePipe(place, this.#parts, this);
    this.#pipes.push(pipe);
    if (place.id !== undefined) this.#byId.set(place.id, pipe);
    this.#homes.clear();
    return pipe;
  }

  #remove(pipe: NodePipe, reason: string): void {
    this.#pipes.splice(this.#pipes.indexOf(pipe), 1);
    pipe.stop(new Error(reason));
    this.#homes.clear();
    this.judged();
  }

  get #lastProblem(): Error | undefined {
    return this.#pipes.find((pipe) => pipe.problem !== undefined)?.problem;
  }

  /** The pipes to a key's home replicas, in ring order; kept for each range of the ring. */
  #homesOf(call: Call): readonly NodePipe[] {
    const ids = this.#ring.homeReplicas(call.key);
    let homes = this.#homes.get(ids);
    if (homes === undefined) {
      homes = ids.map((id) => this.#byId.get(id)).filter((pipe) => pipe !== undefined);
      this.#homes.set(ids, homes);
    }
    return homes;
  }

  /** The home replicas that are broken, where the others are too few for what the call asks. */
  #tooFew(call: Call, nowMs: number): failures.Broken | undefined {
    if (call.target !== null) return undefined;
    const broken = this.#homesOf(call).filter((pipe) => pipe.isBroken(nowMs));
    const replicas = this.#ring.homeReplicas(call.key).length;
    const required = call.required(replicas, this.policy);
    return broken.length === 0 || replicas - broken.length >= required
      ? undefined
      : brokenBy(broken, required, replicas - broken.length, nowMs);
  }

  /** Nodes that are connected, where none of them may be asked. */
  #nobody(call: Call, nowMs: number): failures.Broken | undefined {
    const ready = this.#pipes.filter((pipe) => pipe.ready && (call.target === null || pipe === call.target));
    return ready.length === 0 ? undefined : brokenBy(ready, 1, 0, nowMs);
  }

  #noteFailover(primary: NodePipe | undefined, picked: NodePipe, nowMs: number): void {
    if (primary === undefined || primary.isPassedOver === (picked !== primary)) return;
    // Else it was left out for how reads are balanced.
    if (picked !== primary && isWell(primary, nowMs)) return;
    primary.isPassedOver = picked !== primary;
    const { events } = this.#parts;
    if (!events.isHeard) return;
    const { name: node, ready, isSilent } = primary;
    if (picked === primary) events.tell({ kind: 'failback', node });
    else events.tell({ kind: 'failover', node, to: picked.name, why: ready && !isSilent ? 'breaker' : 'unreachable' });
  }

  #tellConnection(pipe: NodePipe, connected: boolean): void {
    if (pipe.isToldConnected === connected) return;
    pipe.isToldConnected = connected;
    const { events } = this.#parts;
    if (!events.isHeard) return;
    const { name: node, problem } = pipe;
    if (connected) events.tell({ kind: 'connection', node, connected });
    else events.tell({ kind: 'connection', node, connected, reason: problem ?? new Error('it says nothing') });
  }

  #known(): Hello {
    if (this.#hello === undefined) throw new Error('asked about the cluster before any node has answered');
    return this.#hello;
  }
}
