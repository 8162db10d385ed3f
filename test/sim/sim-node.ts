/** One machine of a simulated cluster: its disk and clock stay, the processes on it come and go. */
import type { Ballot } from '../../src/core/ballot.js';
import type { Policy } from '../../src/core/policy.js';
import type { PolicyStand } from '../../src/core/repair-message.js';
import type { Reply, Request } from '../../src/core/request.js';
import { noteCodec } from '../../src/adapters/note-codec.js';
import { memoryFrom, MEMORY_NOTES_MAX } from '../../src/node/node-memory.js';
import { Node } from '../../src/node/node.js';
import type { PolicyProgress } from '../../src/ports/admin.js';
import type { Log } from '../../src/ports/log.js';
import type { Observer } from './observer.js';
import { Prng } from './prng.js';
import type { Host, Scheduler, SimEvent } from './scheduler.js';
import { clockOf, type MachineClock } from './sim-clock.js';
import type { SimDisk } from './sim-disk.js';
import type { SimNetwork } from './sim-network.js';

export interface SimNodeOptions {
  readonly name: string;
  readonly seed: number;
  readonly cluster: { readonly nodes: readonly string[]; readonly replicas: number; readonly policy: Policy };
  readonly cacheBytesMax: number;
  /** How old deletions must be before they are forgotten. */
  readonly graceMs: number;
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  readonly observer: Observer;
}

class Process implements Host {
  dead = false;
  paused = false;
  kept: SimEvent[] = [];
  node: Node | undefined;

  keep(event: SimEvent): void {
    this.kept.push(event);
  }
}

const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export class SimNode {
  readonly name: string;
  readonly clock: MachineClock;
  readonly disk: SimDisk;
  readonly #options: SimNodeOptions;
  #process: Process | undefined;
  #lives = 0;

  constructor(options: SimNodeOptions) {
    this.#options = options;
    this.name = options.name;
    this.clock = options.clock;
    this.disk = options.disk;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  get paused(): boolean {
    return this.#process?.paused === true;
  }

  get host(): Host | undefined {
    return this.#process;
  }

  /** A new process with a new incarnation over the same disk. */
  start(): void {
    if (this.#process !== undefined) return;
    const { name, seed, cluster, cacheBytesMax, graceMs, network, disk, observer } = this.#options;
    this.#lives += 1;
    const process = new Process();
    const random = new Prng(seed, `node/${name}/${this.#lives}`);
    const self = { node: name, incarnation: random.hex64() };
    const peers = cluster.nodes.filter((id) => id !== name);
    const transport = network.attach(
      { host: process, process: self, epoch: () => process.node?.epochs.policy ?? 0, receiver: undefined },
      peers,
    );
    process.node = new Node({
      self,
      cluster,
      clock: clockOf(this.clock, process),
      random,
      store: disk.storeFor(process),
      transport,
      log: SILENT,
      cacheBytesMax,
      tombstoneGraceMs: graceMs,
      noteCodec,
      memory: memoryFrom(disk.notes('meta', MEMORY_NOTES_MAX), cluster.policy),
      onStand: (stand) => {
        observer.stood(name, stand);
      },
      onFatal: (error) => {
        throw error;
      },
    });
    this.#process = process;
    process.node.start();
  }

  crash(): void {
    const process = this.#process;
    if (process === undefined) return;
    process.dead = true;
    this.#process = undefined;
    this.disk.crash();
    this.#options.network.detach(this.name);
  }

  pause(): void {
    if (this.#process !== undefined) this.#process.paused = true;
  }

  resume(): void {
    const process = this.#process;
    if (process?.paused !== true) return;
    process.paused = false;
    const kept = process.kept;
    process.kept = [];
    for (const event of kept) this.#options.scheduler.again(event);
  }

  /** A client's request arrives. A process that dies or is dead does not answer. */
  execute(request: Request, done: (reply: Reply) => void): void {
    this.#process?.node?.execute(request, (reply) => {
      this.#options.observer.answered(this.name, request, reply);
      done(reply);
    });
  }

  /** Told nothing where no process runs. */
  collect(key: string, done: (collected: boolean) => void): void {
    this.#process?.node?.collect(key, done);
  }

  changePolicy(policy: Policy, report: (progress: PolicyProgress) => void): void {
    this.#process?.node?.changePolicy(policy, report);
  }

  /** undefined: no process runs. */
  get stand(): PolicyStand | undefined {
    return this.#process?.node?.stand;
  }

  /** Whether it takes every other node for one that can be reached. */
  get reachesAll(): boolean {
    return this.#process?.node?.stats().peers.every(({ reachable }) => reachable) === true;
  }

  mint(key: string): Ballot | undefined {
    return this.#process?.node?.mint(key);
  }
}

function nothing(): void {
  // A simulated node's log is of no use: what happened is in the transcript.
}
