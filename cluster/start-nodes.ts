import { awaitLinks } from './await-links.js';
import { awaitReady, type StartProblem } from './await-ready.js';
import type { ClusterFile } from './cluster-file.js';
import { spawnNode, type NodeChild, type SpawnOptions } from './node-child.js';
import { endNow } from './stop-node.js';
import type { NodeTopology } from './topology.js';

export type Started =
  { readonly children: readonly NodeChild[] } | { readonly problem: StartProblem; readonly children?: undefined };

export interface StartOptions extends SpawnOptions {
  /** Called for each process, before it is ready. */
  readonly spawned?: ((child: NodeChild) => void) | undefined;
}

/** Starts the nodes and waits until all are ready and linked; where one fails, ends the others and says what it was. */
export async function startNodes(
  cluster: ClusterFile,
  options: StartOptions,
  nodes: readonly NodeTopology[] = cluster.topology.nodes,
): Promise<Started> {
  const children: NodeChild[] = [];
  try {
    for (const node of nodes) {
      const child = spawnNode(cluster, node, options);
      children.push(child);
      options.spawned?.(child);
    }
  } catch (error) {
    // A folder that cannot be written, most often: the nodes started before must not be left behind.
    await Promise.all(children.map(endNow));
    throw error;
  }
  const problem = await firstProblem(children);
  if (problem === undefined) {
    await awaitLinks(cluster.topology.nodes);
    return { children };
  }
  await Promise.all(children.map(endNow));
  return { problem };
}

/** Resolves as soon as one node has failed, or with undefined once all are ready. */
async function firstProblem(children: readonly NodeChild[]): Promise<StartProblem | undefined> {
  return new Promise((resolve, reject) => {
    let waiting = children.length;
    const settle = (problem: StartProblem | undefined): void => {
      waiting -= 1;
      if (problem !== undefined || waiting === 0) resolve(problem);
    };
    for (const child of children) awaitReady(child).then(settle, reject);
  });
}
