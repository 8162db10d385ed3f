/** Writes the keys that are to last, and lets somebody scan. */
import { makeOperation } from '../../src/core/operation.js';
import type { Reply, Request } from '../../src/core/request.js';
import type { Ring } from '../../src/core/ring.js';
import type { Plan } from './plan.js';
import { Prng } from './prng.js';
import type { Recorder } from './recorder.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimNode } from './sim-node.js';
import { SimScan } from './sim-scan.js';

export interface ScanParts {
  readonly plan: Plan;
  readonly cluster: SimCluster;
  readonly ring: Ring;
  readonly recorder: Recorder;
  readonly ask: (node: SimNode, request: Request) => Reply | undefined;
  readonly say: (line: string) => void;
}

/** undefined: the plan has no scan. */
export function beginScan(parts: ScanParts): SimScan | undefined {
  const { cluster, ring, plan, say } = parts;
  if (plan.scan === undefined) return undefined;
  for (const key of plan.scan.lasting) writeLasting(key, parts);
  const random = new Prng(plan.seed, 'scanner');
  const scan = new SimScan({ ...plan.scan, cluster, ring, random, say });
  scan.start();
  return scan;
}

function writeLasting(key: string, { cluster, ring, recorder, ask }: ScanParts): void {
  const node = cluster.node(ring.primary(key));
  const label = `lasting ${key}`;
  const id = node.mint(key)!;
  const value = new TextEncoder().encode(label);
  const mutation = { kind: 'put', value, encoding: 'bytes', ttlMs: 0, expect: null } as const;
  const operation = makeOperation(id, 'consensus', mutation);
  const call = { process: `first ${key}`, key, kind: 'put' } as const;
  for (let reply: Reply | undefined; reply?.kind !== 'mutated';) {
    recorder.invoke({ ...call, value: label, op: `${id.time}@${id.node}` });
    reply = ask(node, { kind: 'mutate', key, level: 'QUORUM', timeoutMs: 1_000, operation, name: null });
    if (reply?.kind === 'mutated') recorder.ok(call, reply);
    else recorder.ended('unknown', call, 'TIMEOUT');
  }
}
