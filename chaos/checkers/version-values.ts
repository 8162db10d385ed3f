/** A version names one value of one key, made by one mutation. */
import { byKey, describe, isMutation, writtenValue, type Operation } from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

export function checkVersionValues(operations: readonly Operation[]): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const shown = new Map<string, Operation>();
    const made = new Map<string, Operation>();
    for (const one of ofKey) {
      if (one.outcome !== 'ok' || one.version === undefined) continue;
      checked += 1;
      const first = shown.get(one.version);
      const value = writtenValue(one);
      if (value !== undefined && first === undefined) shown.set(one.version, one);
      else if (first !== undefined && value !== undefined && writtenValue(first) !== value) {
        violations.push(pair(key, `version ${one.version} has two values`, first, one));
      }
      if (!isMutation(one)) continue;
      const maker = made.get(one.version);
      if (maker === undefined) made.set(one.version, one);
      else if (!mayShare(maker, one))
        violations.push(pair(key, `version ${one.version} was made by two mutations`, maker, one));
    }
  }
  return verdictOf('version-values', checked, violations);
}

/** Attempts at one operation; and a delete of what is deleted already may find nothing to do. */
function mayShare(a: Operation, b: Operation): boolean {
  return (a.op !== undefined && a.op === b.op) || (a.kind === 'delete' && b.kind === 'delete');
}

function pair(key: string, problem: string, first: Operation, second: Operation): Violation {
  return { key, explanation: `${problem}: ${describe(first)}; ${describe(second)}`, operations: [first, second] };
}
