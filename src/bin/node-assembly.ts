/** The parts of one node, started in order and stopped in the opposite one. */
import { join } from 'node:path';
import { removeRunFile, writeRunFile } from '../../cluster/run-file.js';
import { clientAddress, nodeNamed, parseAddress, type Topology } from '../../cluster/topology.js';
import { openDataFolder } from '../adapters/data-folder.js';
import { GrpcLinks } from '../adapters/grpc-links.js';
import { startGrpcServer, type GrpcServer } from '../adapters/grpc-server.js';
import { openLevelStore } from '../adapters/level-store.js';
import { noteCodec } from '../adapters/note-codec.js';
import { createMetrics } from '../adapters/metrics.js';
import { systemRandom } from '../adapters/system-random.js';
import type { ProcessId } from '../core/ballot.js';
import { COUNTERFACTUAL_SHARE } from '../core/defaults.js';
import type { DiskIdentity } from '../core/disk-identity.js';
import type { Policy } from '../core/policy.js';
import { nodeMetrics, throttledRequests } from '../edge/node-metrics.js';
import { startStatusServer, type StatusServer } from '../edge/status-server.js';
import { LimitedKv } from '../node/limited-kv.js';
import { Node } from '../node/node.js';
import { disksNote, MEMORY_NOTES_MAX, memoryFrom, startsNote, type NodeMemory } from '../node/node-memory.js';
import { LATENCY_BOUNDS_SECONDS } from '../node/stats.js';
import type { Log } from '../ports/log.js';
import type { Hello, NodeAddress } from '../ports/pipe.js';
import type { Epochs, PeerDisks } from '../ports/peers.js';
import type { NoteChange, Store } from '../ports/store.js';
import type { Tls } from '../ports/tls.js';
import { adminOf } from './node-admin.js';
import { groundOf, type NodeGround } from './node-chaos.js';
import { readinessOf, type NodeIdentity, type NodeReadiness } from './readiness.js';
import { listening, opened } from './start-failure.js';

export interface AssemblyOptions {
  readonly self: ProcessId;
  readonly topology: Topology;
  /** The data folder; absolute. */
  readonly folder: string;
  /** What it shows over gRPC; undefined: connections are plain. */
  readonly tls?: Tls | undefined;
  readonly log: Log;
  /** The disk failed: the process must end. */
  readonly onFatal: (error: Error) => void;
  /** A peer knows this node with another disk: the process must end. */
  readonly onDisowned: (reason: string) => void;
}

/** How often what health checks are answered is brought up to date, in milliseconds. */
const HEALTH_PERIOD_MS = 100;

type Step = () => unknown;

export class NodeAssembly {
  readonly #options: AssemblyOptions;
  readonly #identity: NodeIdentity;
  readonly #ground: NodeGround;
  /** Where clients reach the nodes. */
  readonly #nodes: readonly NodeAddress[];
  /** What undoes each step that was done, in the order of the steps. */
  readonly #undo: Step[] = [];
  #stopping = false;
  #folderId = '';

  constructor(options: AssemblyOptions) {
    const { self, topology } = options;
    this.#options = options;
    this.#ground = groundOf(self.node, topology.chaos === true);
    this.#identity = { cluster: topology.name, node: self.node, pid: process.pid, incarnation: self.incarnation };
    this.#nodes = topology.nodes.map((node) => ({ id: node.id, address: clientAddress(node) }));
  }

  /** Resolves once the node listens. Throws a StartFailure, with nothing left open. */
  async start(): Promise<{ readonly address: string; readonly http: string }> {
    try {
      return await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops taking requests, finishes those under way, and closes everything. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (let step = this.#undo.pop(); step !== undefined; step = this.#undo.pop()) await step();
  }

  async #start(): Promise<{ readonly address: string; readonly http: string }> {
    const { self, topology, folder } = this.#options;
    const store = await this.#openStore();
    const memory = await opened(this.#remember(store));
    const links = this.#links(memory, store, () => node.epochs);
    let announce = (): void => undefined;
    const node: Node = this.#node(store, links, memory, () => announce());
    const kv = new LimitedKv(node, this.#options.topology.clientLimit, this.#ground.clock);
    const http = await this.#startHttp(node, kv);
    const grpc = await this.#startGrpc(node, kv, links);
    announce = () => grpc.announce();
    node.start();
    // Before the servers: requests under way are finished while their answers can still be sent.
    this.#undo.push(() => node.stop());
    this.#keepHealth(node, grpc);
    const real = { address: grpc.address, http: `${hostOf(nodeNamed(topology, self.node).http)}:${http.port}` };
    await writeRunFile(folder, { node: self.node, incarnation: self.incarnation, ...real });
    this.#undo.push(() => removeRunFile(folder));
    return real;
  }

  async #openStore(): Promise<Store> {
    const { self, topology, folder } = this.#options;
    const identity = { folder, cluster: topology.name, node: self.node, random: systemRandom };
    this.#folderId = (await opened(openDataFolder(identity))).folderId;
    const store = this.#ground.store(await opened(openLevelStore({ folder: join(folder, 'store') })));
    this.#undo.push(() => store.close());
    return store;
  }

  /** What the disk remembers; that it was started once more is on it before anybody is told. */
  async #remember(store: Store): Promise<NodeMemory> {
    const memory = await readMemory(store, this.#options.topology.policy);
    await written(store, startsNote(memory.starts));
    return memory;
  }

  #disks(memory: NodeMemory, store: Store): PeerDisks {
    const { self, onFatal, onDisowned } = this.#options;
    const disks: { [peer: string]: DiskIdentity } = { ...memory.disks };
    return {
      own: { folder: this.#folderId, starts: memory.starts, incarnation: self.incarnation },
      known: (peer) => disks[peer],
      learn: (peer, disk) => {
        if (disks[peer]?.incarnation === disk.incarnation) return;
        disks[peer] = disk;
        written(store, disksNote(disks)).catch(onFatal);
      },
      disowned: onDisowned,
    };
  }

  #links(memory: NodeMemory, store: Store, epochs: () => Epochs): GrpcLinks {
    const { self, topology, tls, log } = this.#options;
    return new GrpcLinks({
      cluster: topology.name,
      process: self,
      epochs,
      disks: this.#disks(memory, store),
      nodes: peerAddresses(topology, self.node),
      tls,
      clock: this.#ground.clock,
      random: systemRandom,
      log,
    });
  }

  #node(store: Store, transport: GrpcLinks, memory: NodeMemory, onStand: () => void): Node {
    const { self, topology, log, onFatal } = this.#options;
    const { name, replicas, policy, counterfactuals } = topology;
    const cluster = { name, nodes: topology.nodes.map(({ id }) => id), replicas, policy };
    return new Node({
      self,
      cluster,
      clock: this.#ground.clock,
      random: systemRandom,
      store,
      transport,
      log,
      onFatal,
      memory,
      noteCodec,
      onStand,
      counterfactualShare: counterfactuals ?? COUNTERFACTUAL_SHARE,
    });
  }

  async #startHttp(node: Node, kv: LimitedKv): Promise<StatusServer> {
    const { self, topology, log } = this.#options;
    const address = nodeNamed(topology, self.node).http;
    const server = startStatusServer({
      host: hostOf(address),
      port: parseAddress(address)?.port ?? 0,
      health: () => ({ ...this.#identity, uptimeSeconds: Math.round(process.uptime()) }),
      readiness: () => this.#readiness(node),
      live: node.live,
      metrics: createMetrics(() => [
        ...nodeMetrics(node.stats(), node.ready(), LATENCY_BOUNDS_SECONDS),
        throttledRequests(kv.throttled),
      ]),
      log,
    });
    const http = await listening('HTTP', address, server);
    this.#undo.push(() => http.close());
    return http;
  }

  async #startGrpc(node: Node, kv: LimitedKv, links: GrpcLinks): Promise<GrpcServer> {
    const { self, topology, tls, log } = this.#options;
    const { name, replicas } = topology;
    const described = { cluster: name, process: self, replicas, nodes: this.#nodes };
    const { address } = nodeNamed(topology, self.node);
    const server = startGrpcServer({
      address,
      tls,
      kv,
      hello: () => ({ ...described, ...policyOf(node), clock: this.#ground.clock.physicalMicros() }),
      now: () => this.#ground.clock.physicalMicros(),
      admin: adminOf(node, described),
      live: node.live,
      chaos: this.#ground.chaos,
      mint: (key) => node.mint(key),
      link: (call) => links.accept(call),
      clock: this.#ground.clock,
      log,
    });
    const grpc = await listening('gRPC', address, server);
    this.#undo.push(() => grpc.stop());
    return grpc;
  }

  #keepHealth(node: Node, grpc: GrpcServer): void {
    let serving = false;
    const look = (): void => {
      if (node.ready() === serving) return;
      serving = !serving;
      grpc.setServing(serving);
    };
    const timer = setInterval(look, HEALTH_PERIOD_MS);
    this.#undo.push(() => {
      clearInterval(timer);
      grpc.setServing(false);
    });
  }

  #readiness(node: Node): NodeReadiness {
    return readinessOf(this.#identity, node.ready(), this.#stopping, node.stats(), node.stand);
  }
}

function readMemory(store: Store, policy: Policy): Promise<NodeMemory> {
  return new Promise((resolve, reject) => {
    store.notes('meta', '', '', MEMORY_NOTES_MAX, (error, notes) => {
      if (error === null) resolve(memoryFrom(notes, policy));
      else reject(error);
    });
  });
}

function written(store: Store, note: NoteChange): Promise<void> {
  return new Promise((resolve, reject) => {
    store.write({ records: [], notes: [note] }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function policyOf({ stand }: Node): Pick<Hello, 'policy' | 'policyEpoch'> {
  return { policy: stand.policy, policyEpoch: stand.epoch };
}

/** Where this node reaches each of them. */
function peerAddresses(topology: Topology, self: string): NodeAddress[] {
  const { dial = {} } = nodeNamed(topology, self);
  return topology.nodes.map(({ id, address }) => ({ id, address: dial[id] ?? address }));
}

function hostOf(address: string): string {
  return parseAddress(address)?.host ?? '';
}
