/**
 * Increments by read and compare-and-set. What the counters show in the end must be no less than the increments that
 * were acknowledged, and no more than those with the ones whose outcome is unknown: see checkers/counters.ts.
 */
import { keysOf, pick, type Workload, type WorkloadOptions } from './workload.js';

const KEYS = 4;
export const COUNTER_PREFIX = 'counter';

export function counters({ timeoutMs }: WorkloadOptions): Workload {
  const keys = keysOf(COUNTER_PREFIX, KEYS);
  return {
    name: 'counters',
    keys,
    step: ({ client, random }) =>
      client.update<number>(pick(random, keys), (count = 0) => count + 1, { level: 'QUORUM', timeoutMs }),
  };
}
