/** A plan in which somebody scans while keys come and go around those that stay. */
import { drawPlan, type SchedulerKind } from './draw-plan.js';
import type { Plan } from './plan.js';
import { Prng } from './prng.js';

const LASTING = ['b', 'd', 'f', 'h'];
const COMING_AND_GOING = ['a', 'c', 'e', 'g'];

export function drawScanPlan(seed: number, scheduler: SchedulerKind): Plan {
  const plan = drawPlan(seed, scheduler);
  const random = new Prng(seed, 'scan');
  return {
    ...plan,
    policy: 'PC/EC',
    keys: [...LASTING, ...COMING_AND_GOING].sort(),
    scan: { lasting: LASTING, pageRecords: 1 + random.below(4) },
    workload: {
      ...plan.workload,
      kinds: { get: 1, put: 3, cas: 1, create: 3, delete: 4 },
      levels: { ONE: 0, QUORUM: 6, ALL: 1 },
      expiring: 0,
      thinkMs: Math.max(10, plan.workload.thinkMs),
    },
    // Clocks that refuse each other's ballots let nothing be written.
    clockOffsetMs: {},
    faults: plan.faults.filter(({ kind }) => !['policy', 'jump', 'drift'].includes(kind)),
  };
}
