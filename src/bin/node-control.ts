/** stop, kill and restart: one node of a cluster on this machine, found by its run file. */
import { awaitLinks } from '../../cluster/await-links.js';
import { awaitReady, START_TIMEOUT_MS, withTail } from '../../cluster/await-ready.js';
import { folderOf, type ClusterFile } from '../../cluster/cluster-file.js';
import { getJson } from '../../cluster/http-json.js';
import { spawnNode } from '../../cluster/node-child.js';
import { runningNode, type RunFile } from '../../cluster/run-file.js';
import { killFound, stopFound } from '../../cluster/stop-node.js';
import { requestRestart, runningSupervisor } from '../../cluster/supervisor-file.js';
import { nodeNamed, type NodeTopology } from '../../cluster/topology.js';
import { waitFor } from '../../cluster/wait.js';
import { FulcrumError } from '../core/errors.js';
import type { ClusterOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';

const PROBE_TIMEOUT_MS = 1_000;

export async function stopNode(id: string, options: ClusterOptions, output: Output): Promise<ExitCode> {
  const { run } = await find(id, options);
  if (run === undefined) return notRunning(id, output);
  const clean = await stopFound(run);
  const how = clean ? 'stopped' : 'did not stop in time and was killed';
  output.result({ node: id, pid: run.pid, state: 'down', changed: true, clean }, `${id} ${how} (pid ${run.pid})`);
  return EXIT.done;
}

export async function killNode(id: string, options: ClusterOptions, output: Output): Promise<ExitCode> {
  const { run } = await find(id, options);
  if (run === undefined) return notRunning(id, output);
  await killFound(run);
  output.result({ node: id, pid: run.pid, state: 'down', changed: true }, `${id} killed (pid ${run.pid})`);
  return EXIT.done;
}

export async function restartNode(id: string, options: ClusterOptions, output: Output): Promise<ExitCode> {
  const { cluster, node, run } = await find(id, options);
  if (run !== undefined) await stopFound(run);
  const pid = await startAgain(cluster, node);
  await awaitLinks(cluster.topology.nodes);
  output.result(
    { node: id, pid, state: 'up', changed: true, previousPid: run?.pid ?? null },
    `${id} ${run === undefined ? 'started' : 'restarted'} (pid ${pid})`,
  );
  return EXIT.done;
}

interface Found {
  readonly cluster: ClusterFile;
  readonly node: NodeTopology;
  readonly run: RunFile | undefined;
}

async function find(id: string, options: ClusterOptions): Promise<Found> {
  const cluster = await locateCluster(options);
  const node = nodeNamed(cluster.topology, id);
  return { cluster, node, run: runningNode(folderOf(cluster, node)) };
}

function notRunning(id: string, output: Output): ExitCode {
  output.result({ node: id, pid: null, state: 'down', changed: false }, `${id} is not running`);
  return EXIT.done;
}

/**
 * By whoever runs the cluster in the foreground, so that its Ctrl-C ends this node too; else from here. Resolves to the
 * pid once the node is ready.
 */
export async function startAgain(cluster: ClusterFile, node: NodeTopology): Promise<number> {
  const supervisor = runningSupervisor(cluster);
  if (supervisor === undefined) {
    const child = spawnNode(cluster, node, { withParent: false });
    const problem = await awaitReady(child);
    if (problem !== undefined) throw notStarted(problem.message);
    return child.pid;
  }
  const folder = folderOf(cluster, node);
  await requestRestart(supervisor, folder);
  const pid = await waitFor(async () => {
    const run = runningNode(folder);
    if (run === undefined) return undefined;
    return (await getJson(node.http, '/readyz', PROBE_TIMEOUT_MS))?.status === 200 ? run.pid : undefined;
  }, START_TIMEOUT_MS);
  if (pid !== undefined) return pid;
  throw notStarted(withTail(`Node ${node.id} was not ready within ${START_TIMEOUT_MS} ms.`, folder));
}

function notStarted(message: string): FulcrumError {
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true });
}
