/** `fulcrum chaos …`: faults in a running cluster of this machine. */
import { ChaosControls } from '../../chaos/chaos-controls.js';
import { readChaosFile } from '../../chaos/chaos-file.js';
import type { Processes } from '../../chaos/faults/fault.js';
import { healthText, nodeHealth } from '../../chaos/faults/node-health.js';
import type { PlacedToxic } from '../../chaos/network.js';
import { makeWhole } from '../../chaos/whole.js';
import { folderOf, type ClusterFile } from '../../cluster/cluster-file.js';
import { runningNode, type RunFile } from '../../cluster/run-file.js';
import { clientTls } from '../../cluster/tls-files.js';
import { nodeNamed } from '../../cluster/topology.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { ClusterOptions } from './arguments.js';
import { chaosTargetOf, processesOf } from './chaos-target.js';
import { textTable } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';

interface Found {
  readonly cluster: ClusterFile;
  readonly processes: Processes;
}

/** Carries out what changes the network, and says how it is now. */
export async function changeNetwork(
  options: ClusterOptions,
  output: Output,
  change: (controls: ChaosControls) => Promise<void>,
): Promise<ExitCode> {
  const target = await chaosTargetOf(await locateCluster(options));
  await change(new ChaosControls(target));
  const faults = await target.network.toxics();
  output.result({ faults }, faultTable(faults, output));
  return EXIT.done;
}

export async function pauseNode(id: string, options: ClusterOptions, output: Output): Promise<ExitCode> {
  return changeProcess(id, options, output, 'paused', ({ processes }) => processes.pause(id));
}

export async function resumeNode(id: string, options: ClusterOptions, output: Output): Promise<ExitCode> {
  return changeProcess(id, options, output, 'resumed', ({ processes }) => processes.resume(id));
}

/** Everything back as it was: the network, paused nodes, nodes that are down. */
export async function heal(options: ClusterOptions, output: Output): Promise<ExitCode> {
  const found = await find(options);
  const { cluster, processes } = found;
  const { nodes, name } = cluster.topology;
  const isProxied = readChaosFile(cluster) !== undefined;
  const network = isProxied ? (await chaosTargetOf(cluster)).network : undefined;
  const faults = (await network?.toxics()) ?? [];
  const resumed = nodes.map(({ id }) => id).filter((id) => processes.state(id) === 'paused');
  const started = nodes.map(({ id }) => id).filter((id) => processes.state(id) === 'down');
  await makeWhole({ targets: nodes, processes, network, tls: await clientTls(cluster) });
  const did = [
    faults.length === 0 ? '' : `${faults.length} network fault${faults.length === 1 ? '' : 's'} taken back`,
    resumed.length === 0 ? '' : `${resumed.join(', ')} resumed`,
    started.length === 0 ? '' : `${started.join(', ')} started`,
  ].filter((part) => part !== '');
  const line = `Cluster ${name} is whole: every node reaches every other one`;
  output.result({ name, healed: faults, resumed, started }, did.length === 0 ? line : `${line} (${did.join('; ')})`);
  return EXIT.done;
}

export async function chaosStatus(options: ClusterOptions, output: Output): Promise<ExitCode> {
  const found = await find(options);
  const { cluster, processes } = found;
  const { name, nodes } = cluster.topology;
  const file = readChaosFile(cluster);
  const faults = file === undefined ? [] : await (await chaosTargetOf(cluster)).network.toxics();
  const tls = await clientTls(cluster);
  const states = await Promise.all(
    nodes.map(async ({ id, address }) => {
      const state = processes.state(id);
      const health = state === 'running' ? await nodeHealth(address, tls).catch(() => undefined) : undefined;
      return { id, state, inside: (health === undefined ? undefined : healthText(health)) ?? null };
    }),
  );
  const toxiproxy = file === undefined ? null : { kind: file.kind, url: file.url };
  const { style } = output;
  output.result(
    { name, toxiproxy, nodes: states, faults },
    `${style.bold(name)}  ${describeProxies(toxiproxy)}`,
    states
      .map(({ id, state, inside }) => {
        const shown = state === 'running' ? state : style.bad(state);
        return `  ${id} ${shown}${inside === null ? '' : `, ${style.bad(inside)}`}`;
      })
      .join('\n'),
    faultTable(faults, output),
  );
  return EXIT.done;
}

async function changeProcess(
  id: string,
  options: ClusterOptions,
  output: Output,
  done: 'paused' | 'resumed',
  change: (found: Found) => Promise<void>,
): Promise<ExitCode> {
  const found = await find(options);
  const { pid } = running(found.cluster, id);
  await change(found);
  output.result({ node: id, pid, state: found.processes.state(id) }, `${id} ${done} (pid ${pid})`);
  return EXIT.done;
}

async function find(options: ClusterOptions): Promise<Found> {
  const cluster = await locateCluster(options);
  return { cluster, processes: processesOf(cluster) };
}

function running(cluster: ClusterFile, id: string): RunFile {
  const run = runningNode(folderOf(cluster, nodeNamed(cluster.topology, id)));
  if (run !== undefined) return run;
  throw new FulcrumError(invalidArgument(`Node ${id} is not running. Start it with: npx fulcrum restart ${id}`));
}

function describeProxies(toxiproxy: { readonly kind: string; readonly url: string } | null): string {
  if (toxiproxy === null) return 'links run directly (`fulcrum up --chaos` puts proxies into them)';
  const kind = { embedded: 'the embedded Toxiproxy', installed: 'toxiproxy-server', given: 'the Toxiproxy given' };
  return `links run through ${kind[toxiproxy.kind as keyof typeof kind]} at ${toxiproxy.url}`;
}

function faultTable(faults: readonly PlacedToxic[], output: Output): string {
  if (faults.length === 0) return '  no fault in the network';
  const rows = faults.map(({ label, from, to, type, attributes, toxicity }) => [
    label.replace(/-\d+-\d+$/, ''),
    `${from} > ${to}`,
    type === 'timeout'
      ? 'cut'
      : Object.entries(attributes)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
    toxicity < 1 ? `${Math.round(toxicity * 100)} %` : 'all',
  ]);
  return textTable(['fault', 'data from > to', 'effect', 'connections'], rows, output.style);
}
