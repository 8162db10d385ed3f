/** Every operation on few keys, so that callers meet: what linearizability is checked on. */
import { keysOf, pick, type Caller, type Workload, type WorkloadOptions } from './workload.js';

const KEYS = 12;

export function register({ levels, timeoutMs }: WorkloadOptions): Workload {
  const keys = keysOf('register', KEYS);
  return {
    name: 'register',
    keys,
    step: async ({ client, random, label }) => {
      const key = pick(random, keys);
      const options = { level: pick(random, levels), timeoutMs };
      const dice = random.unit();
      if (dice < 0.5) return client.get(key, options);
      if (dice < 0.75) return client.put(key, label(), options);
      if (dice < 0.9) return readAndSwap({ client, random, label }, key, timeoutMs);
      if (dice < 0.95) return client.create(key, label(), { timeoutMs });
      return client.delete(key, options);
    },
  };
}

/** Conditional writes are decided by a majority, whatever the level of the rest. */
async function readAndSwap({ client, label }: Caller, key: string, timeoutMs: number): Promise<unknown> {
  const { found, version } = await client.get(key, { level: 'QUORUM', timeoutMs });
  const expect = found && version !== undefined ? version : 'absent';
  return client.compareAndSet(key, label(), { expect, timeoutMs });
}
