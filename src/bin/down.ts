import { endProxies } from '../../chaos/chaos-file.js';
import { folderOf } from '../../cluster/cluster-file.js';
import { runningNode } from '../../cluster/run-file.js';
import { stopFound } from '../../cluster/stop-node.js';
import { runningSupervisor } from '../../cluster/supervisor-file.js';
import type { ClusterOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';

/** Stops whoever runs the cluster in the foreground, and every node that still runs then. */
export async function down(options: ClusterOptions, output: Output): Promise<ExitCode> {
  const cluster = await locateCluster(options);
  const { name, nodes } = cluster.topology;
  const running = nodes.filter((node) => runningNode(folderOf(cluster, node)) !== undefined).map((node) => node.id);
  const supervisor = runningSupervisor(cluster);
  const killed: string[] = [];
  if (supervisor !== undefined) await stopFound(supervisor);
  await Promise.all(
    nodes.map(async (node) => {
      const run = runningNode(folderOf(cluster, node));
      if (run !== undefined && !(await stopFound(run))) killed.push(node.id);
    }),
  );
  await endProxies(cluster);
  output.result({ name, stopped: running, killed }, describe(name, running, killed));
  return EXIT.done;
}

function describe(name: string, stopped: readonly string[], killed: readonly string[]): string {
  if (stopped.length === 0) return `Cluster ${name} was not running`;
  const hard = killed.length === 0 ? '' : `; ${killed.join(', ')} did not stop in time and had to be killed`;
  return `Cluster ${name} stopped (${stopped.join(', ')})${hard}. The data stays.`;
}
