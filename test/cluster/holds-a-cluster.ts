/** Starts a cluster, pauses one node, says which processes there are, and waits to be ended. */
import { dirname } from 'node:path';
import { startCluster } from '../../cluster/index.js';

const cluster = await startCluster({ nodes: 2 });
await cluster.pause('n2');
process.stdout.write(
  `${JSON.stringify({ pids: cluster.nodes.map((node) => node.pid), folder: dirname(cluster.file) })}\n`,
);
setInterval(() => undefined, 60_000);
