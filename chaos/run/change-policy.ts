/** Asks the cluster for another policy, through a node that can be reached. */
import { AdminClient } from '../../src/adapters/admin-client.js';
import { MsgpackValueCodec } from '../../src/adapters/value-codec.js';
import type { Policy } from '../../src/core/policy.js';
import type { ChaosTarget } from '../faults/fault.js';

/** A stronger policy waits for every node, and so perhaps for the heal. */
const CHANGE_TIMEOUT_MS = 60_000;

/** Resolves once the change is done; rejects where it is refused, as when another one takes its place. */
export async function changePolicy({ targets, processes, tls }: ChaosTarget, policy: Policy): Promise<void> {
  const node = targets.find(({ id }) => processes.state(id) === 'running');
  if (node === undefined) throw new Error('no node is running that could be asked');
  const admin = new AdminClient(node.address, new MsgpackValueCodec(), tls);
  try {
    const { phase, reason } = await admin.changePolicy(policy, CHANGE_TIMEOUT_MS);
    if (phase === 'refused') throw new Error(`refused: ${reason}`);
  } finally {
    admin.close();
  }
}
