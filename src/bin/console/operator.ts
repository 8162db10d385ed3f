/** The console's operator: asks the nodes of a cluster through their Admin service. */
import type { ClusterFile } from '../../../cluster/cluster-file.js';
import { AdminClient } from '../../adapters/admin-client.js';
import { MsgpackValueCodec } from '../../adapters/value-codec.js';
import type { ConflictView } from '../../console/api.js';
import type { Operator } from '../../console/ports.js';
import { FulcrumError } from '../../core/errors.js';
import type { Tls } from '../../ports/tls.js';
import type { NodeReport, ReportedConflict, ReportedSide } from '../../ports/admin-calls.js';

const ASK_TIMEOUT_MS = 1_000;
/** A stronger policy settles every key whose copies differ. */
const CHANGE_TIMEOUT_MS = 60_000;
/** Entries asked of each node. */
const PAGE = 1_000;
const VALUE_SHOWN_MAX = 60;

export function operatorOf(cluster: ClusterFile, tls?: Tls): Operator & { close(): Promise<void> } {
  const codec = new MsgpackValueCodec();
  const clients = cluster.topology.nodes.map(({ address }) => new AdminClient(address, codec, tls));
  return {
    policy: async () => {
      const reports = await answered(clients.map((client) => client.status(ASK_TIMEOUT_MS)));
      const newest = reports.reduce((a: NodeReport, b) => (b.policyEpoch > a.policyEpoch ? b : a));
      return { policy: newest.policy, isSettled: reports.every(({ policySettled }) => policySettled) };
    },
    changePolicy: async (policy) => {
      const client = await firstAnswering(clients);
      const { phase, reason } = await client.changePolicy(policy, CHANGE_TIMEOUT_MS);
      if (phase === 'done') return;
      const message = `The policy was not changed to ${policy}: ${reason}`;
      throw new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true });
    },
    conflicts: async (limit) => {
      const pages = await answered(clients.map((client) => client.conflicts('', PAGE, ASK_TIMEOUT_MS)));
      const all = new Map<string, ReportedConflict>();
      for (const one of pages.flatMap(({ conflicts }) => conflicts))
        all.set(`${one.key}\n${one.discarded.version}`, one);
      const newest = [...all.values()].sort((a, b) => b.seenAtMs - a.seenAtMs).slice(0, limit);
      return { conflicts: newest.map(viewOf), count: all.size };
    },
    close: async () => clients.forEach((client) => client.close()),
  };
}

/** What those nodes said that could be asked. Rejects where none could. */
async function answered<T>(asked: readonly Promise<T>[]): Promise<[T, ...T[]]> {
  const settled = await Promise.allSettled(asked);
  const [first, ...rest] = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (first !== undefined) return [first, ...rest];
  throw (settled[0] as PromiseRejectedResult).reason;
}

async function firstAnswering(clients: readonly AdminClient[]): Promise<AdminClient> {
  return Promise.any(clients.map((client) => client.status(ASK_TIMEOUT_MS).then(() => client))).catch(() => {
    const message = 'No node answers, so the policy was not changed.';
    throw new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true });
  });
}

function viewOf({ key, discarded, winner, certain, heldBy, seenAtMs }: ReportedConflict): ConflictView {
  const certainty = certain ? 'certain' : 'possible';
  return { key, atMs: seenAtMs, certainty, lost: `${shown(discarded)} at ${heldBy.join(', ')}`, kept: shown(winner) };
}

function shown({ value, deleted, valueBytes }: ReportedSide): string {
  const text = deleted ? 'a deletion' : value === undefined ? `${valueBytes} bytes` : JSON.stringify(value);
  return text.length > VALUE_SHOWN_MAX ? `${text.slice(0, VALUE_SHOWN_MAX)}…` : text;
}
