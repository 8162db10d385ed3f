/** Reads and writes at ONE through sessions: each must see what it wrote, and never less than it saw. */
import type { Session } from '../../src/client/session.js';
import { keysOf, pick, type Caller, type Workload, type WorkloadOptions } from './workload.js';

const KEYS = 8;
/** Calls of one session. */
const SESSION_CALLS = 60;

export function sessions({ timeoutMs }: WorkloadOptions): Workload {
  const keys = keysOf('session', KEYS);
  const open = new WeakMap<Caller, { readonly session: Session; left: number }>();
  const options = { level: 'ONE', timeoutMs } as const;
  return {
    name: 'sessions',
    keys,
    step: (caller) => {
      let own = open.get(caller);
      if (own === undefined || own.left === 0) {
        own = { session: caller.client.session(), left: SESSION_CALLS };
        open.set(caller, own);
      }
      own.left -= 1;
      const key = pick(caller.random, keys);
      if (caller.random.unit() < 0.6) return own.session.get(key, options);
      return own.session.put(key, caller.label(), options);
    },
  };
}
