/** A running cluster of node processes on loopback, held by the process that started it. */
import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import {
  connect,
  connectAdmin,
  type Admin,
  type ChangePolicyOptions,
  type Client,
  type ConflictLedger,
  type ConflictsOptions,
  type ConnectOptions,
  type Policy,
  type PolicyStep,
} from '../src/index.js';
import type { Tls } from '../src/ports/tls.js';
import { awaitLinks } from './await-links.js';
import { awaitReady, START_TIMEOUT_MS, type Awaited } from './await-ready.js';
import type { ClusterFile } from './cluster-file.js';
import type { Janitor } from './janitor.js';
import { spawnNode, type NodeChild } from './node-child.js';
import { pauseProcess, resumeProcess } from './pause.js';
import { endNow, stopChild } from './stop-node.js';
import { clientAddress, nodeNamed } from './topology.js';

export interface ClusterNode {
  readonly id: string;
  /** host:port at which clients reach the gRPC server. */
  readonly address: string;
  /** host:port of /healthz, /readyz and /metrics. */
  readonly http: string;
  /** The running process, or the last one. */
  readonly pid: number;
  /** Absolute; holds the data and node.log. */
  readonly folder: string;
  readonly running: boolean;
}

/** What a cluster is made of once its processes run. */
export interface Launched {
  readonly cluster: ClusterFile;
  readonly children: readonly NodeChild[];
  readonly janitor: Janitor;
  /** What clients show; undefined: connections are plain. */
  readonly tls: Tls | undefined;
}

export class LocalCluster implements AsyncDisposable {
  /** cluster.json of this cluster: what the command takes as --cluster. */
  readonly file: string;
  readonly #cluster: ClusterFile;
  readonly #janitor: Janitor;
  /** What clients show to the nodes; undefined: connections are plain. */
  readonly tls: Tls | undefined;
  readonly #children: Map<string, NodeChild>;
  readonly #clients = new Set<Client>();
  /** By node: the start that is under way, or was the last. Two processes would fight for the folder. */
  readonly #starts = new Map<string, Promise<void>>();
  #admin: Promise<Admin> | undefined;
  #stopped: Promise<void> | undefined;

  /** Made by {@link startCluster}. */
  constructor({ cluster, children, janitor, tls }: Launched) {
    this.file = cluster.file;
    this.#cluster = cluster;
    this.#janitor = janitor;
    this.tls = tls;
    this.#children = new Map(children.map((child) => [child.node.id, child]));
  }

  get name(): string {
    return this.#cluster.topology.name;
  }

  /** As they are at this moment: a restarted node has another pid. */
  get nodes(): readonly ClusterNode[] {
    return [...this.#children.values()].map(({ node, pid, folder, exit }) => ({
      id: node.id,
      address: clientAddress(node),
      http: node.http,
      pid,
      folder,
      running: exit === undefined,
    }));
  }

  /** host:port of every node, for {@link connect} and for clients in other languages. */
  get addresses(): readonly string[] {
    return this.#cluster.topology.nodes.map(clientAddress);
  }

  /** A client of this cluster; closed by {@link stop} if it is still open then. */
  async connect(options: Omit<ConnectOptions, 'nodes'> = {}): Promise<Client> {
    const client = await connect({ ...options, nodes: this.addresses, tls: options.tls ?? this.tls });
    this.#clients.add(client);
    return client;
  }

  /** For operators: what the nodes say of themselves, the policy, the conflict ledger. Closed by {@link stop}. */
  admin(): Promise<Admin> {
    this.#admin ??= connectAdmin({ nodes: this.addresses, tls: this.tls });
    return this.#admin;
  }

  /** Changes the policy of the running cluster; resolves once it holds, rejects where it is refused. */
  async changePolicy(policy: Policy, options: ChangePolicyOptions = {}): Promise<PolicyStep> {
    return (await this.admin()).changePolicy(policy, options);
  }

  /** Acknowledged writes that the merge after a partition discarded, as all nodes know them. */
  async conflicts(options: ConflictsOptions = {}): Promise<ConflictLedger> {
    return (await this.admin()).conflicts(options);
  }

  /** SIGKILL: the process gets no chance to do anything. Resolves once it is gone. */
  async kill(id: string): Promise<void> {
    await endNow(this.#child(id));
  }

  /**
   * Starts the node again with its data, stopping it first where it still runs. Resolves once the others reach it.
   * Asked for again meanwhile, it does so again afterwards.
   */
  async restart(id: string): Promise<void> {
    await this.startAgain(id, 'ready');
    await awaitLinks(this.#cluster.topology.nodes);
  }

  protected startAgain(id: string, until: Awaited): Promise<void> {
    const start = (): Promise<void> => this.#startAgain(id, until);
    const started = (this.#starts.get(id) ?? Promise.resolve()).then(start, start);
    this.#starts.set(id, started);
    return started;
  }

  async #startAgain(id: string, until: Awaited): Promise<void> {
    const running = this.#child(id);
    if (running.exit === undefined) await stopChild(running);
    // Not where the cluster was stopped meanwhile.
    const before = this.#child(id);
    const child = spawnNode(this.#cluster, before.node, { withParent: true });
    this.#children.set(id, child);
    this.#janitor.watch(child);
    const problem = await awaitReady(child, START_TIMEOUT_MS, until);
    if (problem === undefined) return;
    await endNow(child);
    throw startFailure(problem.message);
  }

  /** SIGSTOP: the process keeps its connections but answers nothing. Resolves once it stands still. */
  async pause(id: string): Promise<void> {
    await pauseProcess(this.#running(id).pid);
  }

  /** SIGCONT. Resolves once the process runs again; give it a moment to be heard by the others. */
  async resume(id: string): Promise<void> {
    await resumeProcess(this.#running(id).pid);
  }

  /** Closes the clients, stops every node and removes the temporary folder. May be called again. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await Promise.allSettled([...this.#clients].map((client) => client.close()));
    (await this.#admin)?.close();
    await Promise.all([...this.#children.values()].map(stopChild));
    await this.#janitor.finish();
  }

  #child(id: string): NodeChild {
    const child = this.#children.get(nodeNamed(this.#cluster.topology, id).id);
    if (child === undefined || this.#stopped !== undefined) {
      throw new FulcrumError(invalidArgument(`Cluster ${this.name} has been stopped.`));
    }
    return child;
  }

  #running(id: string): NodeChild {
    const child = this.#child(id);
    if (child.exit === undefined) return child;
    throw new FulcrumError(invalidArgument(`Node ${id} is not running; start it again with restart('${id}').`));
  }
}

export function startFailure(message: string): FulcrumError {
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false });
}
