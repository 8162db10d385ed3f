/** What a case runs in its closed loop, and what is looked at afterwards. */
import type { BenchCluster } from './bench-cluster.js';
import type { Operations } from './closed-loop.js';
import { Counters } from './counters.js';
import { clientOperations, type Material } from './operations.js';
import type { Case } from './plan.js';
import { countersOf, isCounterWorkload, workloadNamed } from './workloads.js';

export interface CaseOperations extends Operations {
  /** Once nothing is under way any more: errors that no single operation could tell, by code. */
  audit(): Promise<Readonly<Record<string, number>>>;
}

export async function caseOperations(target: BenchCluster, one: Case, material: Material): Promise<CaseOperations> {
  const { workload, valueBytes, concurrency } = one;
  if (isCounterWorkload(workload)) {
    const plan = { callers: concurrency, counters: countersOf(workload), valueBytes, seed: material.seed };
    return Counters.prepare(() => target.cluster.connect({ name: 'bench-counter' }), plan);
  }
  const operations = clientOperations(target.client, workloadNamed(workload), material);
  return { ...operations, audit: () => Promise.resolve({}) };
}
