/** Half reads, half writes, all at one level. */
import type { Level } from '../../src/core/level.js';
import { pick, type Workload } from '../workloads/workload.js';

export function halfAndHalf(level: Level, keys: readonly string[], name: string, timeoutMs: number): Workload {
  const options = { level, timeoutMs };
  return {
    name,
    keys,
    step: ({ client, random, label }) => {
      const key = pick(random, keys);
      return random.unit() < 0.5 ? client.get(key, options) : client.put(key, label(), options);
    },
  };
}
