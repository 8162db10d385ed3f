/** `fulcrum chaos skew` and `fulcrum chaos disk`: faults inside a node of a running cluster. */
import { healthText } from '../../chaos/faults/node-health.js';
import { clientTls } from '../../cluster/tls-files.js';
import { nodeNamed } from '../../cluster/topology.js';
import { setClock, setDisk } from '../adapters/chaos-client.js';
import type { ChaosState, ClockFault, DiskFault } from '../ports/chaos.js';
import type { Tls } from '../ports/tls.js';
import type { ClusterOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';

export async function skewClock(id: string, fault: ClockFault, options: ClusterOptions, output: Output) {
  return change(id, options, output, (address, tls) => setClock(address, fault, tls));
}

export async function changeDisk(id: string, fault: DiskFault, options: ClusterOptions, output: Output) {
  return change(id, options, output, (address, tls) => setDisk(address, fault, tls));
}

async function change(
  id: string,
  options: ClusterOptions,
  output: Output,
  set: (address: string, tls: Tls | undefined) => Promise<ChaosState>,
): Promise<ExitCode> {
  const cluster = await locateCluster(options);
  const state = await set(nodeNamed(cluster.topology, id).address, await clientTls(cluster));
  output.result(state, `${id}: ${healthText(state) ?? 'clock and disk are as they should be'}`);
  return EXIT.done;
}
