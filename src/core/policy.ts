/**
 * The partition policy of a cluster, after PACELC (Abadi, 2012): if Partitioned, Availability or
 * Consistency; Else, Latency or Consistency.
 */
import type { Level } from './level.js';
import type { Form } from './operation.js';

export const POLICIES = ['PC/EC', 'PC/EL', 'PA/EC', 'PA/EL'] as const;
export type Policy = (typeof POLICIES)[number];

export const POLICY_DEFAULT: Policy = 'PC/EC';

export function isPolicy(text: unknown): text is Policy {
  return POLICIES.includes(text as Policy);
}

/** Whether a change needs the barrier of PROTOCOL.md rule 19: something is promised that was not before. */
export function strengthens(from: Policy, to: Policy): boolean {
  const consistencyInPartition = servesWithoutMajority(from) && !servesWithoutMajority(to);
  return consistencyInPartition || (!prefersConsistency(from) && prefersConsistency(to));
}

/**
 * Whether a change from here needs the barrier. What was never settled has nothing to fall back on, but a policy that
 * promises neither consistency has nothing to settle: it is always the way out.
 */
export function needsBarrier(from: { readonly policy: Policy; readonly settled: boolean }, to: Policy): boolean {
  return to !== 'PA/EL' && (!from.settled || strengthens(from.policy, to));
}

/** P: whether the side of a partition without a majority of a key's home replicas serves it. */
export function servesWithoutMajority(policy: Policy): boolean {
  return policy.startsWith('PA');
}

/** E: whether QUORUM and ALL go through consensus when nothing is wrong. */
export function prefersConsistency(policy: Policy): boolean {
  return policy.endsWith('EC');
}

/** The level of a request that names none. */
export function defaultLevel(policy: Policy): Level {
  return prefersConsistency(policy) ? 'QUORUM' : 'ONE';
}

/** How an unconditional write of nobody's naming is replicated: see {@link Form}. */
export function formOf(policy: Policy, level: Level): Form {
  if (!isConsensus(policy, level)) return 'latency';
  return servesWithoutMajority(policy) ? 'blind' : 'consensus';
}

/** Whether a request takes the consensus path or the latency path (PROTOCOL.md rule 11). */
export function isConsensus(policy: Policy, level: Level): boolean {
  return prefersConsistency(policy) && level !== 'ONE';
}
