/** The console's hands on the links of a cluster that was started with proxies. */
import { ChaosControls } from '../../../chaos/chaos-controls.js';
import type { Network } from '../../../chaos/network.js';
import type { ClusterFile } from '../../../cluster/cluster-file.js';
import type { LinkFaults } from '../../console/ports.js';
import { processesOf } from '../chaos-target.js';

export function linkFaultsOf(cluster: ClusterFile, network: Network): LinkFaults {
  const controls = new ChaosControls({ targets: cluster.topology.nodes, processes: processesOf(cluster), network });
  const bothWays = async (a: string, b: string, change: (from: string, to: string) => Promise<void>): Promise<void> => {
    await change(a, b);
    await change(b, a);
  };
  return {
    cut: (a, b) => bothWays(a, b, (from, to) => controls.cut(from, to)),
    slow: (a, b, ms) => bothWays(a, b, (from, to) => controls.latency({ from, to, ms })),
    mend: (a, b) => bothWays(a, b, (from, to) => controls.mend(from, to)),
  };
}
