/** The workloads by name. */
import { counters } from './counters.js';
import { deletes } from './deletes.js';
import { latency } from './latency.js';
import { register } from './register.js';
import { sessions } from './sessions.js';
import type { Workload, WorkloadOptions } from './workload.js';

export const WORKLOADS = { register, counters, deletes, latency, sessions } as const satisfies {
  readonly [name: string]: (options: WorkloadOptions) => Workload;
};

export type WorkloadName = keyof typeof WORKLOADS;

export function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(WORKLOADS, name);
}
