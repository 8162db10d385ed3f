/** At the end of a run: a deleted key is forgotten by all, and nothing that was acknowledged before brings it back. */
import type { MutateRequest, Reply, Request } from '../../src/core/request.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimNode } from './sim-node.js';
import { describeReply } from './transcript.js';
import { Violation } from './violation.js';

export interface ForgottenKey {
  readonly key: string;
  readonly graceMs: number;
  readonly homes: readonly SimNode[];
  /** Every mutation of the key that was acknowledged: its last copies arrive now. */
  readonly acknowledged: readonly MutateRequest[];
  readonly ask: (node: SimNode, request: Request) => Reply | undefined;
}

const TRIES = 4;
const COLLECT_MS = 6_000;
const PAUSE_MS = 500;

export function forgetDeletion(cluster: SimCluster, forgotten: ForgottenKey): void {
  const { key, homes, acknowledged, ask } = forgotten;
  const isDeleted = homes.every(({ disk }) => disk.synced(key)?.state?.value === null);
  if (!isDeleted) return;
  collect(cluster, forgotten);
  for (const [index, request] of acknowledged.entries()) {
    const node = homes[index % homes.length]!;
    const reply = ask(node, { ...request, timeoutMs: 1_000 });
    if (reply === undefined) throw new Violation('a healed cluster answers', `no answer to the last copy of ${key}`);
  }
  for (const node of homes) {
    const read = { kind: 'get', key, level: 'ALL', timeoutMs: 1_500, allowStale: false } as const;
    let reply = ask(node, read);
    // A node that has just gone unheard for a moment is refused, and heard again soon.
    for (let attempt = 1; attempt < TRIES && reply?.kind === 'error'; attempt += 1) {
      cluster.run(cluster.scheduler.nowMs + PAUSE_MS);
      reply = ask(node, read);
    }
    if (reply?.kind === 'value' && reply.value === null) continue;
    const what = reply === undefined ? 'no answer' : describeReply(reply);
    throw new Violation('deleted keys stay deleted', `${key} was forgotten, and ${node.name} answers ${what}`);
  }
}

function collect(cluster: SimCluster, { key, homes, graceMs }: ForgottenKey): void {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    cluster.run(cluster.scheduler.nowMs + graceMs + 100);
    let collected: boolean | undefined;
    homes[0]!.collect(key, (all) => {
      collected = all;
    });
    cluster.run(cluster.scheduler.nowMs + COLLECT_MS, () => collected !== undefined);
    if (collected === true) return;
  }
  const held = homes.map(({ name, disk }) => `${name} ${JSON.stringify(disk.synced(key))}`);
  throw new Violation('a deletion that all replicas hold is forgotten', `${key}: ${held.join('; ')}`);
}
