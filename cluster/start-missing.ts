import type { StartProblem } from './await-ready.js';
import { folderOf, type ClusterFile } from './cluster-file.js';
import { runningNode } from './run-file.js';
import { startNodes } from './start-nodes.js';

/** Starts the nodes that do not run, to live on by themselves, and waits until they are ready. */
export async function startMissing(cluster: ClusterFile): Promise<StartProblem | undefined> {
  const missing = cluster.topology.nodes.filter((node) => runningNode(folderOf(cluster, node)) === undefined);
  if (missing.length === 0) return undefined;
  const started = await startNodes(cluster, { withParent: false }, missing);
  return started.children === undefined ? started.problem : undefined;
}
