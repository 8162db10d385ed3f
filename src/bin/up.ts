/** `fulcrum up`: plans the cluster, starts its nodes and stays, or with --detach leaves them running. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { endProxies, readChaosFile, writeChaosFile } from '../../chaos/chaos-file.js';
import { ProxiedLinks } from '../../chaos/proxied-links.js';
import { choosePorts, type MovedPort } from '../../cluster/chosen-ports.js';
import { folderOf, readClusterFile, writeClusterFile, type ClusterFile } from '../../cluster/cluster-file.js';
import { Janitor } from '../../cluster/janitor.js';
import { startMissing } from '../../cluster/start-missing.js';
import type { NodeChild } from '../../cluster/node-child.js';
import { NODE_EXIT } from '../../cluster/node-exit.js';
import { plannedNodes, plannedTopology } from '../../cluster/planned-topology.js';
import { runningNode } from '../../cluster/run-file.js';
import { startNodes } from '../../cluster/start-nodes.js';
import type { Topology } from '../../cluster/topology.js';
import type { ClientLimit } from '../core/client-limit.js';
import { FulcrumError } from '../core/errors.js';
import type { Policy } from '../core/policy.js';
import type { ClusterOptions } from './arguments.js';
import { reportNow } from './cluster-stand.js';
import { nodeTable, shortPath, type ClusterReport } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { clusterPath, FOLDER_DEFAULT } from './located-cluster.js';
import type { Output } from './output.js';
import { linkFaultsOf } from './console/link-faults.js';
import { startConsole, type RunningConsole } from './console/start-console.js';
import { supervise } from './supervisor.js';

/** Another program may take a port between the moment it was free and the moment the node binds it. */
const PORT_ATTEMPTS = 3;

export interface UpOptions extends ClusterOptions {
  readonly nodes?: number;
  readonly replicas?: number;
  readonly policy?: Policy;
  readonly counterfactuals?: number;
  readonly clientLimit?: ClientLimit;
  readonly folder?: string;
  readonly grpcPort?: number;
  readonly httpPort?: number;
  readonly detach?: boolean;
  /** False: no console. */
  readonly console?: boolean;
  readonly consoleHost?: string;
  readonly consolePort?: number;
  readonly chaos?: boolean;
  /** Takes --chaos back: what `npm start` says is said for it. */
  readonly direct?: boolean;
}

export async function up(asked: UpOptions, output: Output): Promise<ExitCode> {
  const options = asked.direct === true ? { ...asked, chaos: false } : asked;
  const file = clusterPath(options.folder ?? options.cluster ?? FOLDER_DEFAULT);
  const existing = await readClusterFile(file);
  if (existing !== undefined && runningPids(existing).size > 0) return joinRunning(existing, options, output);
  return options.detach === true ? upDetached(file, options, output) : upInForeground(file, options, output);
}

async function upDetached(file: string, options: UpOptions, output: Output): Promise<ExitCode> {
  const { cluster, children } = await start(file, options, output);
  const report = await reportNow(cluster, pidsOf(children), options.policy, output);
  output.result(report, ...describe(report, output), `  Stop it with   npx fulcrum down${flagFor(cluster)}`);
  return EXIT.done;
}

async function upInForeground(file: string, options: UpOptions, output: Output): Promise<ExitCode> {
  const janitor = options.chaos === true ? new Janitor(undefined) : undefined;
  try {
    return await supervise(output, async (supervisor) => {
      const parent = { spawned: supervisor.spawned, janitor };
      const { cluster, children, links } = await start(file, options, output, parent);
      const console = await openConsole(cluster, links, options, output);
      if (console !== undefined) supervisor.beforeStopping(() => console.close());
      const report = {
        ...(await reportNow(cluster, pidsOf(children), options.policy, output)),
        ...(console === undefined ? {} : { console: console.url }),
      };
      output.result(
        report,
        ...describe(report, output),
        ...(console === undefined ? [] : [`  ${output.style.bold('Console')}  ${console.url}`, '']),
        `  Ctrl-C stops every node; the data stays.`,
      );
      return cluster;
    });
  } finally {
    // The nodes have ended: until then they talked through the proxies.
    const cluster = janitor === undefined ? undefined : await readClusterFile(file);
    if (cluster !== undefined) await endProxies(cluster);
    await janitor?.finish();
  }
}

/** A cluster without its console is better than none: where it cannot listen, that is said and no more. */
async function openConsole(
  cluster: ClusterFile,
  links: ProxiedLinks | undefined,
  { console, consoleHost, consolePort }: UpOptions,
  output: Output,
): Promise<RunningConsole | undefined> {
  if (console === false) return undefined;
  try {
    const faults = links === undefined ? undefined : linkFaultsOf(cluster, links.network);
    return await startConsole({ cluster, links: faults, host: consoleHost, port: consolePort });
  } catch (error) {
    output.note(`The console could not be started: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** A cluster that runs already: with --detach, make sure that all of it does; in the foreground there is no joining. */
async function joinRunning(cluster: ClusterFile, options: UpOptions, output: Output): Promise<ExitCode> {
  // Refuses a cluster of another shape.
  plannedTopology(cluster.topology.name, cluster.topology, options, { grpc: [], http: [] });
  const flag = flagFor(cluster);
  if (options.chaos === true && readChaosFile(cluster) === undefined) {
    throw startFailure(
      `Cluster ${cluster.topology.name} runs already, without proxies. Stop it first: npx fulcrum down${flag}`,
    );
  }
  if (options.detach !== true) {
    const ids = [...runningPids(cluster)].map(([id, pid]) => `${id} (pid ${pid})`).join(', ');
    throw new FulcrumError({
      code: 'UNAVAILABLE',
      message: `Cluster ${cluster.topology.name} is already running: ${ids}. Stop it with: npx fulcrum down${flag}`,
      definite: true,
      retryable: false,
    });
  }
  const problem = await startMissing(cluster);
  if (problem !== undefined) throw startFailure(problem.message);
  const report = { ...(await reportNow(cluster, runningPids(cluster), options.policy, output)), alreadyRunning: true };
  output.result(
    report,
    `Cluster ${cluster.topology.name} is already running. Stop it with: npx fulcrum down${flag}`,
    nodeTable(report.nodes, output.style),
  );
  return EXIT.done;
}

interface Plan {
  readonly topology: Topology;
  readonly moved: readonly MovedPort[];
}

interface StartedCluster {
  readonly cluster: ClusterFile;
  readonly children: readonly NodeChild[];
  /** undefined where links run directly. */
  readonly links: ProxiedLinks | undefined;
}

/** What ends what is started here with this process; nothing where it is to live on. */
interface Parent {
  readonly spawned: (child: NodeChild) => void;
  readonly janitor: Janitor | undefined;
}

async function start(file: string, options: UpOptions, output: Output, parent?: Parent): Promise<StartedCluster> {
  let links: ProxiedLinks | undefined;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const { topology, moved } = await plan(file, options);
      for (const one of moved) output.note(describeMove(topology, one));
      links ??= await linksFor(file, options, parent);
      const cluster = await writeClusterFile(file, links === undefined ? topology : await links.rewire(topology));
      if (links !== undefined) await writeChaosFile(cluster, links.toxiproxy);
      const started = await startNodes(cluster, { withParent: parent !== undefined, spawned: parent?.spawned });
      if (started.children !== undefined) return { cluster, links, children: started.children };
      const clash = started.problem.exit?.code === NODE_EXIT.portTaken;
      if (!clash || attempt === PORT_ATTEMPTS) throw startFailure(started.problem.message);
    }
  } catch (error) {
    await links?.close();
    throw error;
  }
}

/** Proxies for the links with --chaos; undefined: they run directly. */
async function linksFor(file: string, options: UpOptions, parent?: Parent): Promise<ProxiedLinks | undefined> {
  if (options.chaos !== true) return undefined;
  const folder = resolve(dirname(file));
  await mkdir(folder, { recursive: true });
  return ProxiedLinks.open({ folder, janitor: parent?.janitor });
}

async function plan(file: string, options: UpOptions): Promise<Plan> {
  const existing = (await readClusterFile(file))?.topology;
  // Refuses before any port is looked for.
  plannedTopology('planned', existing, options, { grpc: [], http: [] });
  const wishes = { grpcFirst: options.grpcPort, httpFirst: options.httpPort };
  const ports = await choosePorts(plannedNodes(existing, options), existing, wishes);
  const topology = plannedTopology(`local-${randomBytes(3).toString('hex')}`, existing, options, ports);
  return { topology, moved: ports.moved };
}

function describe(report: ClusterReport, output: Output): string[] {
  const { bold, dim } = output.style;
  const flag = flagFor(report);
  return [
    `${bold('fulcrum')}  cluster ${report.name} is ready: policy ${bold(report.policy)}, ${report.replicas} replicas of each key`,
    '',
    nodeTable(report.nodes, output.style),
    '',
    dim('  Try next'),
    `  npx fulcrum put greeting hello --level QUORUM${flag}`,
    `  npx fulcrum get greeting --level ONE${flag}`,
    `  npx fulcrum status${flag}`,
    '',
  ];
}

function describeMove(topology: Topology, { index, server, taken, used }: MovedPort): string {
  return `Port ${taken} is taken: ${topology.nodes[index]!.id} uses ${used} for ${server}.`;
}

/** What the other commands need to find this cluster from the current folder. */
function flagFor(cluster: { readonly file: string }): string {
  return shortPath(dirname(cluster.file)) === FOLDER_DEFAULT ? '' : ` --cluster ${shortPath(cluster.file)}`;
}

function runningPids(cluster: ClusterFile): Map<string, number> {
  const pids = new Map<string, number>();
  for (const node of cluster.topology.nodes) {
    const run = runningNode(folderOf(cluster, node));
    if (run !== undefined) pids.set(node.id, run.pid);
  }
  return pids;
}

function pidsOf(children: readonly NodeChild[]): Map<string, number> {
  return new Map(children.map((child) => [child.node.id, child.pid]));
}

function startFailure(message: string): FulcrumError {
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false });
}
