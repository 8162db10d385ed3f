/** A plan from a seed: each part of it is drawn from its own stream. */
import { POLICIES, type Policy } from '../../src/core/policy.js';
import { drawFaults, drawUpkeep } from './draw-faults.js';
import type { Plan, Workload } from './plan.js';
import { Prng } from './prng.js';

export type SchedulerKind = Plan['scheduler']['kind'];

/** `scheduler`: for a run that uses one of the two throughout. */
export function drawPlan(seed: number, scheduler?: SchedulerKind): Plan {
  const random = new Prng(seed, 'plan');
  const nodes = random.chance(0.5) ? ['n1', 'n2', 'n3'] : ['n1', 'n2', 'n3', 'n4', 'n5'];
  const policy = random.pick(POLICIES);
  const micro = scheduler === undefined ? random.chance(0.5) : scheduler === 'micro-step';
  const offsets = drawClocks(nodes, random);
  const operations = random.pick([6, 12, 20]);
  const usualKeys = random.chance(0.7) ? ['x'] : ['x', 'y'];
  // Records drop out of the cache while others wait for them only where several keys crowd a tiny one.
  const crowd = new Prng(seed, 'crowd');
  const isCrowded = crowd.chance(0.12);
  const keys = isCrowded ? ['x', 'y', 'z'] : usualKeys;
  const clients = Array.from({ length: 2 + random.below(4) }, (_, index) => ({ name: `c${index + 1}`, operations }));
  return {
    seed,
    nodes,
    replicas: 3,
    policy,
    graceMs: random.pick([50, 400]),
    keys,
    clients,
    workload: {
      ...drawWorkload(policy, random),
      sessions: new Prng(seed, 'sessions').pick([0, 0.5, 1]),
      pinned: new Prng(seed, 'pinned').pick([0, 0, 0.5]),
    },
    scheduler: micro ? { kind: 'micro-step', hurry: random.pick([0.003, 0.02, 0.08]) } : { kind: 'timing' },
    network: {
      delayMs: random.pick([0.5, 5, 30]),
      drop: random.pick([0, 0, 0.02, 0.15]),
      duplicate: random.pick([0, 0.05, 0.2]),
      lostWithLink: 0.5,
      ordered: random.chance(0.3),
    },
    codecs: random.chance(0.15),
    disk: { writeMs: random.pick([0.2, 2, 15]), readMs: random.pick([0.1, 3]) },
    cacheBytesMax: drawCache(random.chance(0.2), isCrowded, crowd),
    clockOffsetMs: offsets,
    faults: [
      ...drawFaults(nodes, operations * clients.length, random),
      ...drawUpkeep(nodes, keys, operations * clients.length, new Prng(seed, 'upkeep')),
    ],
  };
}

function drawCache(isSmall: boolean, isCrowded: boolean, random: Prng): number {
  if (isCrowded) return random.pick([1, 300, 700]);
  return isSmall ? 300 : 1 << 20;
}

function drawClocks(nodes: readonly string[], random: Prng): Record<string, number> {
  const kind = random.pick(['close', 'close', 'within bound', 'one off', 'all off'] as const);
  const odd = random.pick(nodes);
  const off = (node: string): number => {
    switch (kind) {
      case 'close':
        return random.between(-5, 5);
      case 'within bound':
        return random.between(-240, 240);
      case 'one off':
        return node === odd ? random.between(-300_000, 300_000) : random.between(-50, 50);
      case 'all off':
        return random.between(-300_000, 300_000);
    }
  };
  return Object.fromEntries(nodes.map((node) => [node, off(node)]));
}

function drawWorkload(policy: Policy, random: Prng): Workload {
  const mixed = random.chance(0.35);
  return {
    kinds: random.pick([
      { get: 3, put: 3, cas: 3, create: 1, delete: 1 },
      { get: 2, put: 1, cas: 5, create: 1, delete: 1 },
      { get: 3, put: 6, cas: 0, create: 0, delete: 1 },
      { get: 1, put: 1, cas: 1, create: 3, delete: 3 },
    ]),
    levels: mixed
      ? { ONE: 2, QUORUM: 4, ALL: 1 }
      : policy.endsWith('EL')
        ? { ONE: 3, QUORUM: 2, ALL: 1 }
        : { ONE: 0, QUORUM: 6, ALL: 1 },
    expiring: random.pick([0, 0, 0, 0.3]),
    thinkMs: random.pick([1, 10, 80]),
    timeoutMs: random.pick([
      { low: 20, high: 200 },
      { low: 200, high: 1_500 },
    ]),
    hedges: random.pick([0, 0.1, 0.5]),
    retries: random.pick([0, 0.5, 0.9]),
    lateCopies: random.pick([0, 0, 0.2]),
    clientDelayMs: random.pick([0.3, 3]),
    clientDrop: random.pick([0, 0.02]),
  };
}
