/** Of the mutations conditioned on one version, one succeeds at most. */
import { byKey, describe, isAcknowledged, type Operation } from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

export function checkSuccessors(operations: readonly Operation[]): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const successors = new Map<string, Operation>();
    for (const one of ofKey) {
      if (!isAcknowledged(one) || one.expect === undefined || one.expect === 'absent') continue;
      checked += 1;
      const first = successors.get(one.expect);
      if (first === undefined) successors.set(one.expect, one);
      else if (first.op === undefined || first.op !== one.op) {
        const explanation = `version ${one.expect} was replaced twice: ${describe(first)}; ${describe(one)}`;
        violations.push({ key, explanation, operations: [first, one] });
      }
    }
  }
  return verdictOf('successors', checked, violations);
}
