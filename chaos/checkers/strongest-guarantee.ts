/**
 * The most that a receipt may vouch for (ARCHITECTURE.md, "What each policy promises"; PROTOCOL.md rules 9 to 12
 * and 20). Less is always allowed: an operation served on a latency write vouches for `quorum` (rule 12).
 *
 * | request | PC/EC, PA/EC | PC/EL, PA/EL |
 * |---|---|---|
 * | get, put, delete at QUORUM or ALL | linearizable | quorum |
 * | get, put, delete at ONE | quorum with a majority's answers, else eventual | the same |
 * | conditional or named mutation, any level | linearizable | linearizable |
 * | any, without a majority's answers | eventual | eventual |
 * | degraded | only PA: as above by the answers it had; conditional or named only with a majority's | likewise |
 */
import { majority, type Level } from '../../src/core/level.js';
import { prefersConsistency, servesWithoutMajority, type Policy } from '../../src/core/policy.js';
import type { Guarantee } from '../../src/core/receipt.js';

export interface GuaranteeClaim {
  readonly policy: Policy;
  readonly level: Level;
  readonly acks: number;
  /** Home replicas of a key. */
  readonly replicas: number;
  readonly degraded: boolean;
  /** A conditional mutation, or one named by its caller: always consensus, in every policy. */
  readonly alwaysConsensus: boolean;
}

/** `impossible`: no such answer may exist. */
export function strongestGuarantee(claim: GuaranteeClaim): Guarantee | 'impossible' {
  const { policy, level, acks, replicas, degraded, alwaysConsensus } = claim;
  const hasMajority = acks >= majority(replicas);
  if (degraded && !servesWithoutMajority(policy)) return 'impossible';
  if (alwaysConsensus) return hasMajority ? 'linearizable' : 'impossible';
  if (!hasMajority) return 'eventual';
  return prefersConsistency(policy) && level !== 'ONE' ? 'linearizable' : 'quorum';
}
