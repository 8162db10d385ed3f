/** `up` in the foreground: looks after its nodes until it is told to stop, and then stops them in order. */
import { awaitReady, withTail } from '../../cluster/await-ready.js';
import { folderOf, type ClusterFile } from '../../cluster/cluster-file.js';
import { spawnNode, type NodeChild } from '../../cluster/node-child.js';
import { describeExit, NODE_EXIT, type Exit } from '../../cluster/node-exit.js';
import { runningNode } from '../../cluster/run-file.js';
import { endNow, stopChild, stopFound } from '../../cluster/stop-node.js';
import {
  removeSupervisorFile,
  RESTART_SIGNAL,
  takeRestartRequest,
  writeSupervisorFile,
} from '../../cluster/supervisor-file.js';
import type { NodeTopology } from '../../cluster/topology.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts a cluster through `start` and stays until a signal ends it. A second signal kills the nodes at once. */
export async function supervise(
  output: Output,
  start: (supervisor: Supervisor) => Promise<ClusterFile>,
): Promise<ExitCode> {
  const supervisor = new Supervisor(output);
  const told = supervisor.listen();
  // What becomes of a start that is broken off by a signal does not matter any more.
  const cluster = await Promise.race([start(supervisor), told]).catch((error: unknown) => {
    supervisor.ignoreSignals();
    throw error;
  });
  if (cluster !== undefined) {
    await supervisor.lookAfter(cluster);
    await told;
  }
  await supervisor.stop();
  supervisor.ignoreSignals();
  return EXIT.done;
}

export class Supervisor {
  readonly #output: Output;
  readonly #children = new Map<string, NodeChild>();
  readonly #beforeStopping: (() => Promise<void>)[] = [];
  #cluster: ClusterFile | undefined;
  #stopping = false;
  #onSignal = (): void => undefined;
  /** The nodes alone do not keep this process alive. */
  readonly #alive = setInterval(() => undefined, 60_000);

  constructor(output: Output) {
    this.#output = output;
  }

  /** Resolves at the first signal. Keeps this process alive until {@link ignoreSignals}. */
  listen(): Promise<undefined> {
    return new Promise((resolve) => {
      this.#onSignal = () => {
        if (this.#stopping) return void this.#killAll();
        this.#stopping = true;
        resolve(undefined);
      };
      for (const signal of STOP_SIGNALS) process.on(signal, this.#onSignal);
    });
  }

  ignoreSignals(): void {
    clearInterval(this.#alive);
    for (const signal of STOP_SIGNALS) process.off(signal, this.#onSignal);
  }

  /** Carried out first when the cluster is to stop. */
  beforeStopping(run: () => Promise<void>): void {
    this.#beforeStopping.push(run);
  }

  /** To be told of every process that is started. */
  readonly spawned = (child: NodeChild): void => {
    this.#children.set(child.node.id, child);
  };

  /** The nodes are ready: from now on whoever ends is reported, and restarts may be asked for. */
  async lookAfter(cluster: ClusterFile): Promise<void> {
    this.#cluster = cluster;
    for (const child of this.#children.values()) this.#watch(child);
    process.on(RESTART_SIGNAL, () => void this.#startRequested(cluster));
    await writeSupervisorFile(cluster);
  }

  /** Stops every node of the cluster, also one that was started by somebody else meanwhile. */
  async stop(): Promise<void> {
    await Promise.all(this.#beforeStopping.map((run) => run()));
    const running = [...this.#children.values()].filter((child) => child.exit === undefined);
    this.#output.note(`\nStopping ${running.map((child) => child.node.id).join(', ') || 'the cluster'} …`);
    const clean = await Promise.all(running.map(stopChild));
    const cluster = this.#cluster;
    if (cluster !== undefined) {
      await Promise.all(cluster.topology.nodes.map((node) => stopForeign(folderOf(cluster, node))));
      await removeSupervisorFile(cluster);
    }
    const hard = running.filter((_, i) => clean[i] === false).map((child) => child.node.id);
    if (hard.length > 0) this.#output.note(`${hard.join(', ')} did not stop in time and had to be killed.`);
    this.#output.note('Stopped. The data stays; start again with: npx fulcrum up');
  }

  async #killAll(): Promise<void> {
    await Promise.all([...this.#children.values()].map(endNow));
  }

  #watch(child: NodeChild): void {
    child.onExit((exit) => {
      if (this.#stopping || this.#children.get(child.node.id) !== child) return;
      this.#output.note(this.#describeEnd(child, exit));
    });
  }

  #describeEnd(child: NodeChild, exit: Exit): string {
    const { id } = child.node;
    const said = `${id} (pid ${child.pid}) ${describeExit(exit)}`;
    const next = `Start it again with: npx fulcrum restart ${id}`;
    if (exit.code === NODE_EXIT.stopped) return `${said}. ${next}`;
    return `${this.#output.noteStyle.warning(withTail(`${said}; the others go on.`, child.folder))}\n${next}`;
  }

  async #startRequested(cluster: ClusterFile): Promise<void> {
    const starts: Promise<void>[] = [];
    for (const node of cluster.topology.nodes) {
      const asked = await takeRestartRequest(folderOf(cluster, node));
      // None is waited for before the next: a node alone may not become ready.
      if (asked && !this.#stopping) starts.push(this.#start(cluster, node));
    }
    await Promise.all(starts);
  }

  async #start(cluster: ClusterFile, node: NodeTopology): Promise<void> {
    const child = spawnNode(cluster, node, { withParent: true });
    this.#children.set(node.id, child);
    const problem = await awaitReady(child);
    if (this.#stopping) return;
    if (problem === undefined) this.#output.note(`${node.id} is back (pid ${child.pid}).`);
    else this.#output.note(this.#output.noteStyle.bad(problem.message));
    if (child.exit === undefined) this.#watch(child);
  }
}

async function stopForeign(folder: string): Promise<void> {
  const run = runningNode(folder);
  if (run !== undefined) await stopFound(run);
}
