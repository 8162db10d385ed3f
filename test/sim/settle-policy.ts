/** After the heal: the last change of the policy is finished, and every node works under it. */
import type { Policy } from '../../src/core/policy.js';
import type { PolicyStand } from '../../src/core/repair-message.js';
import type { SimCluster } from './sim-cluster.js';
import { Violation } from './violation.js';

const TRIES = 12;
const TRY_MS = 3_000;
const PAUSE_MS = 500;

export function settlePolicy(cluster: SimCluster, keys: readonly string[]): Policy {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const stands = cluster.nodes.map(({ stand }) => stand!);
    const last = stands.reduce((a, b) => (b.epoch > a.epoch || (b.epoch === a.epoch && b.settled) ? b : a));
    if (stands.every(({ epoch, settled }) => epoch === last.epoch && settled)) return last.policy;
    if (last.settled) tellOthers(cluster, keys);
    else finish(cluster, stands.indexOf(last), last);
  }
  const stands = cluster.nodes.map(({ name, stand }) => `${name} ${JSON.stringify(stand)}`);
  throw new Violation('a healed cluster agrees on its policy', stands.join(', '));
}

function finish(cluster: SimCluster, at: number, { policy }: PolicyStand): void {
  let isOver = false;
  cluster.nodes[at]!.changePolicy(policy, ({ phase }) => {
    isOver ||= phase === 'done' || phase === 'refused';
  });
  cluster.run(cluster.scheduler.nowMs + TRY_MS, () => isOver);
  // A node that has just come back may not have been heard of yet, and the change was refused for that.
  cluster.run(cluster.scheduler.nowMs + PAUSE_MS);
}

/** A frame of an old epoch makes its sender and its receiver compare their policies. */
function tellOthers(cluster: SimCluster, keys: readonly string[]): void {
  for (const node of cluster.nodes) {
    for (const key of keys)
      node.execute({ kind: 'get', key, level: 'ALL', timeoutMs: 500, allowStale: false }, () => undefined);
  }
  cluster.run(cluster.scheduler.nowMs + 500);
}
