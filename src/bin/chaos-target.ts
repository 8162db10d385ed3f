/** What faults act on in a running cluster of this machine, whoever started it. */
import { readChaosFile } from '../../chaos/chaos-file.js';
import type { ChaosTarget, Processes } from '../../chaos/faults/fault.js';
import { Network } from '../../chaos/network.js';
import { folderOf, type ClusterFile } from '../../cluster/cluster-file.js';
import { processState } from '../../cluster/process-state.js';
import { runningNode } from '../../cluster/run-file.js';
import { clientTls } from '../../cluster/tls-files.js';
import { nodeNamed } from '../../cluster/topology.js';
import { FulcrumError } from '../core/errors.js';
import { processFaultsOf } from './console/node-faults.js';
import { startAgain } from './node-control.js';

/** Throws UNAVAILABLE where the links run directly, saying how to start a cluster whose links do not. */
export async function chaosTargetOf(cluster: ClusterFile): Promise<ChaosTarget> {
  const file = readChaosFile(cluster);
  const { topology } = cluster;
  if (file === undefined) {
    const message = `The links of cluster ${topology.name} run directly, so that nothing can be cut or delayed. Start it with proxies: npx fulcrum down && npx fulcrum up --chaos`;
    throw new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false });
  }
  const network = await Network.attach(file.url, topology);
  return { targets: topology.nodes, processes: processesOf(cluster), network, tls: await clientTls(cluster) };
}

export function processesOf(cluster: ClusterFile): Processes {
  const faults = processFaultsOf(cluster);
  return {
    state(id) {
      const run = runningNode(folderOf(cluster, nodeNamed(cluster.topology, id)));
      if (run === undefined) return 'down';
      return processState(run.pid) === 'stopped' ? 'paused' : 'running';
    },
    kill: (id) => faults.kill(id),
    start: async (id) => {
      await startAgain(cluster, nodeNamed(cluster.topology, id));
    },
    pause: (id) => faults.pause(id),
    resume: (id) => faults.resume(id),
  };
}
