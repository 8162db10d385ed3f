/** What a checker says. */
import type { Operation } from './operation.js';

/** `undecided`: the history was too hard for the budget; it is never taken for valid. */
export type Outcome = 'valid' | 'invalid' | 'undecided';

/** Why an operation is drawn in a counterexample. */
export type Role = 'offending' | 'needed' | 'possible' | 'bystander';

export interface WindowOperation {
  readonly operation: Operation;
  readonly role: Role;
}

/** The shortest stretch of one key's history that cannot be explained. */
export interface Counterexample {
  readonly key: string;
  /** What the register may hold when the window opens. */
  readonly before: 'absent' | 'any value';
  readonly operations: readonly WindowOperation[];
}

export interface Violation {
  readonly key: string;
  readonly explanation: string;
  readonly operations: readonly Operation[];
  readonly counterexample?: Counterexample;
}

export interface Verdict {
  readonly checker: string;
  readonly verdict: Outcome;
  /** Operations (or records, for dumps) that constrained the verdict: none means that nothing was shown. */
  readonly checkedOperations: number;
  readonly violations: readonly Violation[];
  /** Keys that could not be decided within the budget. */
  readonly undecidedKeys: readonly string[];
}

export function verdictOf(
  checker: string,
  checkedOperations: number,
  violations: readonly Violation[],
  undecidedKeys: readonly string[] = [],
): Verdict {
  const verdict = violations.length > 0 ? 'invalid' : undecidedKeys.length > 0 ? 'undecided' : 'valid';
  return { checker, verdict, checkedOperations, violations, undecidedKeys };
}
