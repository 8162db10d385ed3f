/** Reads and writes at ONE and nothing else: what the latency path does, and how stale it is. */
import { keysOf, pick, type Workload, type WorkloadOptions } from './workload.js';

const KEYS = 16;

export function latency({ timeoutMs }: WorkloadOptions): Workload {
  const keys = keysOf('latency', KEYS);
  const options = { level: 'ONE', timeoutMs } as const;
  return {
    name: 'latency',
    keys,
    step: ({ client, random, label }) => {
      const key = pick(random, keys);
      return random.unit() < 0.6 ? client.get(key, options) : client.put(key, label(), options);
    },
  };
}
