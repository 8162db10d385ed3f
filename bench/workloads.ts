/** What the benchmark can run, by name. */
import type { Level } from '../src/core/level.js';
import type { Distribution } from './key-picks.js';

/** Shares add up to 1. */
export interface Workload {
  readonly reads: number;
  readonly updates: number;
  /** Puts of keys that nobody has used yet. */
  readonly inserts: number;
  /** Pages of 1 to 100 items, from a key on. */
  readonly scans: number;
  /** Read-modify-write: a get, then a put, timed and counted as one operation. */
  readonly modifies: number;
  /** null: the default of the cluster's policy. */
  readonly level: Level | null;
  /** Where none is asked for. */
  readonly distribution: Distribution;
}

/** Compare-and-set increments of so many counters, timed and counted as one operation with all their attempts. */
export interface CounterWorkload {
  readonly counters: number;
}

const NOTHING = { reads: 0, updates: 0, inserts: 0, scans: 0, modifies: 0 };
const puts = (level: Level): Workload => ({ ...NOTHING, updates: 1, level, distribution: 'uniform' });
const gets = (level: Level): Workload => ({ ...NOTHING, reads: 1, level, distribution: 'uniform' });
/** The core mixes of YCSB (Cooper et al., 2010). */
const mix = (shares: Partial<typeof NOTHING>, distribution: Distribution = 'zipfian'): Workload => ({
  ...NOTHING,
  ...shares,
  level: null,
  distribution,
});

const WORKLOADS = {
  'get-one': gets('ONE'),
  'get-quorum': gets('QUORUM'),
  'put-one': puts('ONE'),
  'put-quorum': puts('QUORUM'),
  'put-all': puts('ALL'),
  'ycsb-a': mix({ reads: 0.5, updates: 0.5 }),
  'ycsb-b': mix({ reads: 0.95, updates: 0.05 }),
  'ycsb-c': mix({ reads: 1 }),
  'ycsb-d': mix({ reads: 0.95, inserts: 0.05 }, 'latest'),
  'ycsb-e': mix({ scans: 0.95, inserts: 0.05 }),
  'ycsb-f': mix({ reads: 0.5, modifies: 0.5 }),
  /** Each the first write of its key, which nobody owns: two rounds, not the one of `put-quorum`. */
  'put-new': { ...NOTHING, inserts: 1, level: 'QUORUM', distribution: 'uniform' },
} as const satisfies Record<string, Workload>;

const COUNTERS = {
  'cas-one-key': { counters: 1 },
  'cas-10k-keys': { counters: 10_000 },
} as const satisfies Record<string, CounterWorkload>;

export type StoreWorkloadName = keyof typeof WORKLOADS;
export type CounterWorkloadName = keyof typeof COUNTERS;
export type WorkloadName = StoreWorkloadName | CounterWorkloadName;
export const STORE_WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly StoreWorkloadName[];
export const COUNTER_WORKLOAD_NAMES = Object.keys(COUNTERS) as readonly CounterWorkloadName[];
export const WORKLOAD_NAMES: readonly WorkloadName[] = [...STORE_WORKLOAD_NAMES, ...COUNTER_WORKLOAD_NAMES];

export function workloadNamed(name: StoreWorkloadName): Workload {
  return WORKLOADS[name];
}

/** Nothing but puts of new keys: they are no keys of the other workloads, whose number stays as it was loaded. */
export function onlyInserts(name: WorkloadName): boolean {
  return !isCounterWorkload(name) && workloadNamed(name).inserts === 1;
}

export function countersOf(name: CounterWorkloadName): number {
  return COUNTERS[name].counters;
}

export function isCounterWorkload(name: WorkloadName): name is CounterWorkloadName {
  return Object.hasOwn(COUNTERS, name);
}

export function isWorkloadName(text: string): text is WorkloadName {
  return Object.hasOwn(WORKLOADS, text) || Object.hasOwn(COUNTERS, text);
}
