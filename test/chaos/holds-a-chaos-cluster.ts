/** Starts a cluster with proxies, pauses one node, cuts another off, says which processes there are, and waits. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startChaosCluster } from '../../chaos/index.js';

const which = process.argv[2];
/** `given`: the server at TOXIPROXY_URL. */
const toxiproxy = which === 'installed' || which === 'embedded' ? which : undefined;
const cluster = await startChaosCluster({ nodes: 3, toxiproxy });
await cluster.partition('isolate n3');
await cluster.pause('n2');
const pids = [...cluster.nodes.map((node) => node.pid), ...childrenOf(process.pid)];
process.stdout.write(`${JSON.stringify({ pids: [...new Set(pids)], folder: dirname(cluster.file) })}\n`);
setInterval(() => undefined, 60_000);

/** Every process started here, proxies included, as the system knows them. */
function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
