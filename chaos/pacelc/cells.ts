/** What the PACELC matrix consists of: every policy, every level, every state of the network. */
import { LEVELS, type Level } from '../../src/core/level.js';
import { POLICIES, type Policy } from '../../src/core/policy.js';

export const CONDITIONS = ['healthy', 'slow', 'partition'] as const;
export type Condition = (typeof CONDITIONS)[number];

export type Side = 'all' | 'majority' | 'minority';

/** Of three nodes, n1 is alone while there is a partition. */
export const PARTITION = 'n1 | n2 n3';
const MINORITY = 'n1';
/** What is sent between two nodes arrives so much later, in each direction. */
export const SLOW_MS = 20;

export const CONDITION_TITLES: Readonly<Record<Condition, string>> = {
  healthy: 'healthy',
  slow: `${SLOW_MS} ms between nodes, each way`,
  partition: 'partition',
};

/** One measurement: a level of a policy while the network is in one state. */
export interface Phase {
  readonly policy: Policy;
  readonly level: Level;
  readonly condition: Condition;
}

/** By policy, since each has a cluster of its own. */
export function phasesOf(policies: readonly Policy[] = POLICIES): Phase[] {
  return policies.flatMap((policy) =>
    LEVELS.flatMap((level) => CONDITIONS.map((condition) => ({ policy, level, condition }))),
  );
}

/** Whose clients are told apart; a group is a node. */
export function sidesOf(condition: Condition): readonly Side[] {
  return condition === 'partition' ? ['majority', 'minority'] : ['all'];
}

export function isOnSide(side: Side, group: string): boolean {
  return side === 'all' || (side === 'minority') === (group === MINORITY);
}
