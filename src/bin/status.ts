import { folderOf, type ClusterFile } from '../../cluster/cluster-file.js';
import { getJson } from '../../cluster/http-json.js';
import { processState } from '../../cluster/process-state.js';
import { runningNode } from '../../cluster/run-file.js';
import { clientAddress, type NodeTopology } from '../../cluster/topology.js';
import type { ClusterOptions } from './arguments.js';
import { textTable } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';
import { standOf } from './cluster-stand.js';
import type { NodeReadiness, PeerReadiness, RepairReadiness } from './readiness.js';
import type { Style } from './style.js';

const PROBE_TIMEOUT_MS = 1_000;

/** `paused`: the process is stopped by a signal. `silent`: it runs but does not answer over HTTP. */
type NodeState = 'up' | 'paused' | 'silent' | 'down';

export interface NodeStatus {
  readonly id: string;
  readonly address: string;
  readonly http: string;
  readonly pid: number | null;
  readonly state: NodeState;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string | undefined;
  readonly peers: readonly PeerReadiness[];
  /** Absent, like `repair`, where the node does not answer. */
  readonly policy?: NodeReadiness['stand'] | undefined;
  readonly repair?: RepairReadiness | undefined;
}

export async function status(options: ClusterOptions, output: Output): Promise<ExitCode> {
  const cluster = await locateCluster(options);
  const { name, replicas } = cluster.topology;
  const nodes = await Promise.all(cluster.topology.nodes.map((node) => statusOf(cluster, node)));
  const stand = standOf(nodes.map(({ policy }) => policy));
  const { policy, epoch, settled } = stand ?? { policy: cluster.topology.policy, epoch: null, settled: null };
  const claim = settled === false ? output.style.warning(' (being settled: fulcrum policy)') : '';
  output.result(
    { name, policy, policyEpoch: epoch, policySettled: settled, replicas, file: cluster.file, nodes },
    `${output.style.bold(name)}  ${policy}${claim}, ${replicas} replicas of each key`,
    table(nodes, output.style),
  );
  return EXIT.done;
}

/** What the process, its run file and its HTTP side say. */
export async function statusOf(cluster: ClusterFile, node: NodeTopology): Promise<NodeStatus> {
  const { id, http } = node;
  const address = clientAddress(node);
  const pid = runningNode(folderOf(cluster, node))?.pid ?? null;
  if (pid !== null && processState(pid) === 'stopped') {
    return { id, address, http, pid, state: 'paused', ready: false, reason: 'paused by a signal', peers: [] };
  }
  const readiness = (await getJson(http, '/readyz', PROBE_TIMEOUT_MS))?.body as NodeReadiness | undefined;
  // Another program may have taken the port: only an answer in this node's name counts.
  if (readiness?.node !== id || readiness.cluster !== cluster.topology.name) {
    const state = pid === null ? 'down' : 'silent';
    return { id, address, http, pid, state, ready: false, reason: `no answer from ${http}`, peers: [] };
  }
  const { ready, reason, peers, stand: policy, repair } = readiness;
  return { id, address, http, pid: readiness.pid, state: 'up', ready, reason, peers, policy, repair };
}

function table(nodes: readonly NodeStatus[], style: Style): string {
  const rows = nodes.map((node) => [
    node.id,
    colour(node, style),
    node.address,
    node.http,
    node.pid === null ? '-' : String(node.pid),
    peersOf(node),
    policyOf(node, style),
    repairOf(node, style),
    hintsOf(node),
    String(node.repair?.conflicts ?? '-'),
  ]);
  const head = ['node', 'state', 'gRPC', 'HTTP', 'pid', 'reaches', 'policy', 'repair', 'hints', 'conflicts'];
  return textTable(head, rows, style);
}

function colour(node: NodeStatus, style: Style): string {
  if (node.ready) return style.good('ready');
  return node.state === 'up' ? style.warning('not ready') : style.bad(node.state);
}

function peersOf(node: NodeStatus): string {
  const reached = node.peers.filter((peer) => peer.reachable).map((peer) => peer.id);
  return reached.length === 0 ? '-' : reached.join(', ');
}

function policyOf({ policy: stand }: NodeStatus, style: Style): string {
  if (stand === undefined) return '-';
  const said = `${stand.policy} epoch ${stand.epoch}`;
  return stand.settled ? said : `${said} ${style.warning(`settled ${percent(stand.settlingProgress)}`)}`;
}

/** What it is doing now: a node that was away compares with each of the others in turn until nothing differs. */
function repairOf({ repair }: NodeStatus, style: Style): string {
  if (repair === undefined) return '-';
  if (!repair.treesComplete) return style.warning(`reading its keys (${repair.keysScanned})`);
  const mended = repair.mended === 0 ? '' : `, ${repair.mended} keys mended`;
  return repair.comparing === null ? `idle${mended}` : `${repair.comparing} ${percent(repair.progress)}${mended}`;
}

function hintsOf({ repair }: NodeStatus): string {
  if (repair === undefined) return '-';
  const kept = Object.entries(repair.hints).map(([node, hints]) => `${hints} for ${node}`);
  return kept.length === 0 ? '0' : kept.join(', ');
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
