/** The policy under which a cluster works, as its nodes say: they remember it, whatever the cluster file says. */
import type { ClusterFile } from '../../cluster/cluster-file.js';
import { getJson } from '../../cluster/http-json.js';
import type { Topology } from '../../cluster/topology.js';
import type { Policy } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import { reportOf, type ClusterReport } from './cluster-report.js';
import type { Output } from './output.js';
import type { NodeReadiness } from './readiness.js';

const PROBE_TIMEOUT_MS = 1_000;

/** The newest, settled where every node says so; undefined where no node answers. */
export function standOf(stands: readonly (PolicyStand | undefined)[]): PolicyStand | undefined {
  const known = stands.filter((stand) => stand !== undefined);
  if (known.length === 0) return undefined;
  const { policy, epoch } = known.reduce((a, b) => (b.epoch > a.epoch ? b : a));
  return { policy, epoch, settled: known.every(({ settled }) => settled) };
}

async function clusterStand({ name, nodes }: Topology): Promise<PolicyStand | undefined> {
  const answers = await Promise.all(nodes.map(({ http }) => getJson(http, '/readyz', PROBE_TIMEOUT_MS)));
  const said = answers.map((answer) => answer?.body as NodeReadiness | undefined);
  return standOf(said.map((one) => (one?.cluster === name ? one.stand : undefined)));
}

/** With the policy that the nodes remember: it may have been changed since the cluster file was written. */
export async function reportNow(
  cluster: ClusterFile,
  pids: ReadonlyMap<string, number>,
  wanted: Policy | undefined,
  output: Output,
): Promise<ClusterReport> {
  const report = reportOf(cluster, pids);
  const { policy } = (await clusterStand(cluster.topology)) ?? report;
  if (wanted !== undefined && wanted !== policy)
    output.note(
      `The policy is ${policy}: it was changed while the cluster ran. Change it with: npx fulcrum policy ${wanted}`,
    );
  return { ...report, policy };
}
