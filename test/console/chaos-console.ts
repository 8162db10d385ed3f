/** A console on a real cluster whose links can be cut, for tests that look at it through a browser. */
import { startChaosCluster, type ChaosCluster } from '../../chaos/chaos-cluster.js';
import { readClusterFile } from '../../cluster/cluster-file.js';
import { linkFaultsOf } from '../../src/bin/console/link-faults.js';
import { startConsole } from '../../src/bin/console/start-console.js';

export interface ChaosConsole {
  readonly cluster: ChaosCluster;
  readonly url: string;
  stop(): Promise<void>;
}

export async function startChaosConsole(): Promise<ChaosConsole> {
  const cluster = await startChaosCluster({ nodes: 3, toxiproxy: 'embedded' });
  try {
    const file = (await readClusterFile(cluster.file))!;
    const console = await startConsole({ cluster: file, links: linkFaultsOf(file, cluster.network), port: 0 });
    const stop = async (): Promise<void> => {
      await console.close();
      await cluster.stop();
    };
    return { cluster, url: console.url, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
