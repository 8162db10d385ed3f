/** Keys that come and go: what was deleted must stay away, and what was created must be there. */
import { keysOf, pick, type Workload, type WorkloadOptions } from './workload.js';

const KEYS = 16;

export function deletes({ levels, timeoutMs }: WorkloadOptions): Workload {
  const keys = keysOf('deleted', KEYS);
  return {
    name: 'deletes',
    keys,
    step: async ({ client, random, label }) => {
      const key = pick(random, keys);
      const options = { level: pick(random, levels), timeoutMs };
      const dice = random.unit();
      if (dice < 0.35) return client.create(key, label(), { timeoutMs });
      if (dice < 0.65) return client.delete(key, options);
      return client.get(key, options);
    },
  };
}
