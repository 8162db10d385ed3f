/** The console's view of node processes and its hands on them, through their run files. */
import { awaitLinks } from '../../../cluster/await-links.js';
import { folderOf, type ClusterFile } from '../../../cluster/cluster-file.js';
import { pauseProcess, resumeProcess } from '../../../cluster/pause.js';
import { runningNode, type RunFile } from '../../../cluster/run-file.js';
import { killFound, stopFound } from '../../../cluster/stop-node.js';
import { nodeNamed } from '../../../cluster/topology.js';
import type { NodeObservation, Observer, ProcessFaults } from '../../console/ports.js';
import { FulcrumError, invalidArgument } from '../../core/errors.js';
import { startAgain } from '../node-control.js';
import { statusOf } from '../status.js';

export function observerOf(cluster: ClusterFile): Observer {
  return {
    observe: () =>
      Promise.all(
        cluster.topology.nodes.map(async (node): Promise<NodeObservation> => {
          const { id, pid, state, ready, peers } = await statusOf(cluster, node);
          return { id, pid, state: state === 'up' && !ready ? 'not-ready' : state, peers };
        }),
      ),
  };
}

export function processFaultsOf(cluster: ClusterFile): ProcessFaults {
  const found = (id: string): RunFile | undefined => runningNode(folderOf(cluster, nodeNamed(cluster.topology, id)));
  const running = (id: string): RunFile => {
    const run = found(id);
    if (run !== undefined) return run;
    throw new FulcrumError(invalidArgument(`Node ${id} is not running. Nothing was done.`));
  };
  return {
    kill: (id) => killFound(running(id)),
    pause: (id) => pauseProcess(running(id).pid),
    resume: (id) => resumeProcess(running(id).pid),
    restart: async (id) => {
      const run = found(id);
      if (run !== undefined) await stopFound(run);
      await startAgain(cluster, nodeNamed(cluster.topology, id));
      await awaitLinks(cluster.topology.nodes);
    },
  };
}
