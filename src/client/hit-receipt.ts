import type { Level } from '../core/level.js';
import type { Policy } from '../core/policy.js';
import type { Receipt } from '../core/receipt.js';

/** Of what a near cache gives by itself: nobody was asked, so that it vouches for nothing but that the key once had this. */
export function hitReceipt(level: Level, policy: Policy, version: string | undefined): Receipt {
  return {
    operation: 'get',
    level,
    policy,
    guarantee: 'eventual',
    acks: 0,
    required: 0,
    replicas: [],
    missing: [],
    hinted: 0,
    degraded: false,
    durableCopies: 0,
    rounds: 0,
    coordinator: 'near-cache',
    replayed: false,
    superseded: false,
    version,
    serverMs: 0,
  };
}
