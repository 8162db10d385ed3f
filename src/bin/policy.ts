/** `fulcrum policy`: the policy of each node, and its change while the cluster serves. */
import { writeClusterFile } from '../../cluster/cluster-file.js';
import type { Policy } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import type { Admin, NodeReport, NodeStatus, PolicyStep } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { standOf } from './cluster-stand.js';
import { textTable } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';
import { startProgress } from './progress.js';
import { withAdmin } from './with-admin.js';

export type PolicyOptions = Omit<ClientOptions, 'level'>;

export async function policy(wanted: Policy | undefined, options: PolicyOptions, output: Output): Promise<ExitCode> {
  return withAdmin(options, async (admin) => {
    const before = policyOf(await admin.status());
    const last = wanted === undefined ? undefined : await change(admin, wanted);
    if (wanted !== undefined && options.nodes === undefined) await remember(options, wanted);
    const nodes = await admin.status();
    const document = { ...policyOf(nodes), nodes: nodes.map(rowOf) };
    if (last === undefined) output.result(document, headline(document, output), table(nodes, output));
    else {
      const settled = last.keys > 0 ? `; ${last.keys} copies that differed were settled` : '';
      const said =
        before.policy === last.policy
          ? `The policy is ${last.policy}`
          : `The policy is ${last.policy} now, after ${before.policy}`;
      output.result(
        { ...document, before: before.policy, keysSettled: last.keys },
        `${said}${settled}.`,
        table(nodes, output),
      );
    }
    return EXIT.done;
  });
}

/** At least one node has answered. */
function policyOf(nodes: readonly NodeStatus[]): PolicyStand {
  return standOf(nodes.map(({ report }) => report && standIn(report)))!;
}

function standIn({ policy: now, policyEpoch: epoch, policySettled: settled }: NodeReport): PolicyStand {
  return { policy: now, epoch, settled };
}

async function change(admin: Admin, wanted: Policy): Promise<PolicyStep> {
  const progress = startProgress(`policy ${wanted}`, 100, '%');
  try {
    return await admin.changePolicy(wanted, { onStep: ({ settledShare }) => progress.update(settledShare * 100) });
  } finally {
    progress.stop();
  }
}

/** Every node remembers its policy; the file says it to whoever starts the cluster again, and to nodes that are new. */
async function remember(options: PolicyOptions, wanted: Policy): Promise<void> {
  const { file, topology } = await locateCluster(options);
  if (topology.policy !== wanted) await writeClusterFile(file, { ...topology, policy: wanted });
}

function headline({ policy: now, epoch, settled }: PolicyStand, { style }: Output): string {
  const claim = settled ? '' : style.warning(', not settled yet: receipts do not claim what it promises');
  return `${style.bold(now)}  epoch ${epoch}${claim}`;
}

function rowOf({ id, report }: NodeStatus) {
  if (report === undefined) return { id, answers: false };
  return { id, answers: true, ...standIn(report), settlingProgress: report.settlingProgress };
}

function table(nodes: readonly NodeStatus[], { style }: Output): string {
  const rows = nodes.map(({ id, report }) =>
    report === undefined
      ? [id, style.bad('no answer'), '-', '-']
      : [id, report.policy, String(report.policyEpoch), settledCell(report, style)],
  );
  return textTable(['node', 'policy', 'epoch', 'settled'], rows, style);
}

function settledCell({ policySettled, settlingProgress }: NodeReport, style: Output['style']): string {
  return policySettled ? style.good('yes') : style.warning(`${Math.floor(settlingProgress * 100)} %`);
}
