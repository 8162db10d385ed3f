/** A cluster whose every link runs through a proxy of its own, held by the process that started it. */
import type { Topology } from '../cluster/topology.js';
import { launchCluster, type StartClusterOptions } from '../cluster/start-cluster.js';
import { LocalCluster, type Launched } from '../cluster/local-cluster.js';
import { processState } from '../cluster/process-state.js';
import { ChaosControls } from './chaos-controls.js';
import { confirmed, type ChaosTarget, type Fault, type Processes, type TargetNode } from './faults/fault.js';
import type { ResetOptions } from './faults/resets.js';
import type { Network, PlacedToxic } from './network.js';
import { ProxiedLinks } from './proxied-links.js';
import type { ToxiproxyKind } from './toxiproxy/toxiproxy-choice.js';

export interface StartChaosClusterOptions extends StartClusterOptions {
  /**
   * Which Toxiproxy carries the links. By default the one at the environment variable TOXIPROXY_URL, else
   * `toxiproxy-server` where it is on the PATH, else the embedded server, which speaks the same HTTP API.
   */
  readonly toxiproxy?: 'installed' | 'embedded' | undefined;
}

/**
 * Starts a cluster of node processes on loopback as `startCluster` of fulcrum-kv/cluster does, with a proxy in every
 * link between two nodes and in every client's way to a node, so that any side can be cut from any other.
 *
 * Proxies and nodes end with this process, however it ends. Several clusters may run side by side.
 */
export async function startChaosCluster(options: StartChaosClusterOptions = {}): Promise<ChaosCluster> {
  let links: ProxiedLinks | undefined;
  try {
    const launched = await launchCluster(options, async ({ topology, folder, janitor }) => {
      links ??= await ProxiedLinks.open({ folder, use: options.toxiproxy, janitor });
      return links.rewire(topology);
    });
    return new ChaosCluster(launched, links!);
  } catch (error) {
    await links?.close();
    throw error;
  }
}

/** Faults put together: what each call asks for is there, confirmed by looking, when it resolves. */
export class ChaosCluster extends LocalCluster implements ChaosTarget {
  readonly network: Network;
  readonly processes: Processes;
  readonly #links: ProxiedLinks;
  readonly #topology: Topology;
  readonly #controls = new ChaosControls(this);
  readonly #faults = new Set<Fault>();
  #closed: Promise<void> | undefined;

  /** Made by {@link startChaosCluster}. */
  constructor(launched: Launched, links: ProxiedLinks) {
    super(launched);
    this.network = links.network;
    this.#links = links;
    this.#topology = launched.cluster.topology;
    this.processes = {
      state: (id) => this.#stateOf(id),
      kill: (id) => this.kill(id),
      start: (id) => this.startAgain(id, 'listening'),
      pause: (id) => this.pause(id),
      resume: (id) => this.resume(id),
    };
  }

  /** Which Toxiproxy this is, and where its HTTP API is. */
  get toxiproxy(): { readonly kind: ToxiproxyKind; readonly url: string } {
    const { kind, url } = this.#links.toxiproxy;
    return { kind, url };
  }

  /** The nodes with the addresses of their own servers, which no proxy is in front of. */
  get targets(): readonly TargetNode[] {
    return this.#topology.nodes;
  }

  /** Toxics in force, by the direction of the data that they hurt. */
  toxics(): Promise<readonly PlacedToxic[]> {
    return this.network.toxics();
  }

  /**
   * Cuts the network as the expression says, instead of as it was cut before: `n1 | n2 n3`, `n1 > n2` (one way),
   * `isolate n2`, `bridge n3`, `ring`; several with commas between them. `clients` stands for all clients.
   *
   * Throws INVALID_ARGUMENT for an expression that makes no sense, naming what is wrong.
   */
  partition(expression: string): Promise<void> {
    return this.#controls.partition(expression);
  }

  /** Delays data from one to the other, instead of as it was delayed before; 0: not at all. `*`: every node. */
  latency(from: string, to: string, ms: number, jitterMs = 0): Promise<void> {
    return this.#controls.latency({ from, to, ms, jitterMs });
  }

  /** Limits data from one to the other to this rate for each connection, in KB/s; Infinity: not at all. */
  bandwidth(from: string, to: string, kbPerSecond: number): Promise<void> {
    return this.#controls.bandwidth({ from, to, kbPerSecond });
  }

  /** Breaks every connection that carries data from one to the other, until healed. */
  resets(from: string, to: string, options: Omit<ResetOptions, 'from' | 'to' | 'label'> = {}): Promise<void> {
    return this.#controls.resets({ from, to, ...options });
  }

  /** Injects any fault and waits until its probe confirms it. {@link heal} takes it back, or its own `heal`. */
  async inject(fault: Fault): Promise<void> {
    await confirmed(fault);
    this.#faults.add(fault);
  }

  /**
   * Takes everything back: no toxic is left, paused nodes go on, those that are down are started with their data,
   * clocks are right and disks healthy.
   * Resolves once every node reaches every other one.
   */
  async heal(): Promise<void> {
    const faults = [...this.#faults];
    this.#faults.clear();
    for (const fault of faults.reverse()) await fault.heal();
    await this.#controls.heal();
  }

  /** Starts the node again with its data; while the network is hurt, resolves once it listens. */
  override async restart(id: string): Promise<void> {
    if ((await this.network.toxics()).length === 0) return super.restart(id);
    await this.startAgain(id, 'listening');
  }

  /** Closes the clients, stops every node and every proxy, and removes the temporary folder. May be called again. */
  override stop(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // Nodes that stop wait for each other's answers: not through a network that loses them.
    await this.network.remove().catch(() => undefined);
    await super.stop();
    await this.#links.close();
  }

  #stateOf(id: string): ReturnType<Processes['state']> {
    const node = this.nodes.find((one) => one.id === id);
    if (node?.running !== true) return 'down';
    return processState(node.pid) === 'stopped' ? 'paused' : 'running';
  }
}
