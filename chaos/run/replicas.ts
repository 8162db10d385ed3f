/** What each home replica holds, read from it and nobody else, and waiting until all hold the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Ring } from '../../src/core/ring.js';
import type { Client } from '../../src/client/client.js';
import { checkConvergence, type ReplicaDump, type ReplicaRecord } from '../checkers/convergence.js';
import { historyTimeMs, labelOf } from '../history-writer.js';

export interface ReplicaReader {
  /** A client of each node that knows no other one. */
  readonly clients: ReadonlyMap<string, Client>;
  readonly replicas: number;
  readonly keys: readonly string[];
  /** Nodes whose copies do not count. */
  readonly late: readonly string[];
}

export interface Settled {
  readonly dumps: readonly ReplicaDump[];
  readonly homes: (key: string) => readonly string[];
  /** How long it took until all were the same; undefined: they never were. */
  readonly tookMs: number | undefined;
}

const POLL_MS = 250;
const READ_TIMEOUT_MS = 5_000;

/** Waits until all home replicas of every key hold the same, `timeoutMs` at most. */
export async function awaitConvergence(reader: ReplicaReader, timeoutMs: number): Promise<Settled> {
  const ring = new Ring({ nodes: [...reader.clients.keys()], replicas: reader.replicas });
  const homes = (key: string): readonly string[] =>
    ring.homeReplicas(key).filter((node) => !reader.late.includes(node));
  const startMs = historyTimeMs();
  for (;;) {
    const dumps = await Promise.all(
      [...reader.clients].map(([node, client]) =>
        dump(
          node,
          client,
          reader.keys.filter((key) => homes(key).includes(node)),
        ),
      ),
    );
    const tookMs = historyTimeMs() - startMs;
    if (checkConvergence(dumps, homes).verdict === 'valid') return { dumps, homes, tookMs };
    if (tookMs > timeoutMs) return { dumps, homes, tookMs: undefined };
    await sleep(POLL_MS);
  }
}

/** A read at ONE through a home replica shows that replica's own record. */
async function dump(node: string, client: Client, keys: readonly string[]): Promise<ReplicaDump> {
  const options = { level: 'ONE', allowStale: true, timeoutMs: READ_TIMEOUT_MS } as const;
  const entries = await client.getMany(keys, options);
  const records = new Map<string, ReplicaRecord>();
  for (const { key, ok, result } of entries) {
    if (!ok || result.receipt.replicas.join() !== node) continue;
    const { version, found, value } = result;
    // Which record it is is told by its version; a repair may have moved it to a higher ballot.
    if (version !== undefined) records.set(key, { ballot: version, version, digest: found ? labelOf(value) : null });
  }
  return { node, records };
}
