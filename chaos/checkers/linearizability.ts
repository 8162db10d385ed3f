/**
 * Linearizability of each key as a register: what was vouched for as linearizable must be explained by one
 * order that respects real time; unknown outcomes and weaker writes may take part or not (PROTOCOL.md rule 12).
 */
import { callsOf } from './call.js';
import { explain } from './explainable.js';
import { offendingWindow } from './offending-window.js';
import { byKey, describe, type Operation } from './operation.js';
import { versionFacts } from './version-facts.js';
import { verdictOf, type Counterexample, type Verdict, type Violation } from './verdict.js';

/**
 * Configurations of one key that are searched before it is left undecided: five to thirty seconds. One that has to
 * count many optional calls counts as several, so that this bounds the memory too: a few hundred megabytes.
 */
export const BUDGET_DEFAULT = 300_000;

export function checkLinearizability(
  operations: readonly Operation[],
  options: { readonly budget?: number | undefined } = {},
): Verdict {
  const violations: Violation[] = [];
  const undecided: string[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const calls = callsOf(ofKey);
    checked += calls.filter(({ binding }) => binding).length;
    const facts = versionFacts(ofKey);
    const { outcome } = explain(calls, facts, 'absent', options.budget ?? BUDGET_DEFAULT);
    if (outcome === 'undecided') undecided.push(key);
    if (outcome === 'invalid') violations.push(violationOf(offendingWindow(key, calls, facts, 'absent')));
  }
  return verdictOf('linearizability', checked, violations, undecided);
}

function violationOf(counterexample: Counterexample): Violation {
  const shown = counterexample.operations.filter(({ role }) => role === 'offending' || role === 'needed');
  const offending = shown.find(({ role }) => role === 'offending')!.operation;
  const before = counterexample.before === 'absent' ? 'beginning with an absent key' : 'whatever the key held before';
  const others =
    shown.length === 1 ? 'it cannot be explained' : `no order of it and ${shown.length - 1} others is possible`;
  return {
    key: counterexample.key,
    explanation: `${describe(offending)}: ${others}, ${before}`,
    operations: shown.map(({ operation }) => operation),
    counterexample,
  };
}
