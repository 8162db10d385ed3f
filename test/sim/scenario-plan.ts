/** The cluster of a scenario: nothing is slow, nothing is lost, and deletions are old enough to be forgotten soon. */
import type { Policy } from '../../src/core/policy.js';
import { Ring } from '../../src/core/ring.js';
import type { Plan } from './plan.js';

const REPLICAS = 3;
const GRACE_MS = 100;

/** The key that the texts call x: its home replicas are n1, n2 and n3 in this order. */
export function keyOfScenario(nodes: readonly string[]): string {
  const ring = new Ring({ nodes, replicas: REPLICAS });
  for (let number = 0; ; number += 1) {
    const key = number === 0 ? 'a' : `a${number}`;
    if (ring.homeReplicas(key).join() === 'n1,n2,n3') return key;
  }
}

export function planOfScenario(policy: Policy, nodes: readonly string[]): Plan {
  return {
    seed: 1,
    nodes,
    replicas: REPLICAS,
    policy,
    graceMs: GRACE_MS,
    keys: [keyOfScenario(nodes)],
    clients: [],
    workload: {
      kinds: { get: 1, put: 0, cas: 0, create: 0, delete: 0 },
      levels: { ONE: 0, QUORUM: 1, ALL: 0 },
      expiring: 0,
      thinkMs: 0,
      timeoutMs: { low: 1, high: 1 },
      hedges: 0,
      retries: 0,
      lateCopies: 0,
      clientDelayMs: 0,
      clientDrop: 0,
    },
    scheduler: { kind: 'timing' },
    network: { delayMs: 0.1, drop: 0, duplicate: 0, lostWithLink: 0, ordered: true },
    codecs: false,
    disk: { writeMs: 0.1, readMs: 0.1 },
    cacheBytesMax: 1 << 20,
    clockOffsetMs: {},
    faults: [],
  };
}
