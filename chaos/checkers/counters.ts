/**
 * A counter that is incremented by compare-and-set shows in the end at least the increments that were acknowledged,
 * and at most those and the ones whose outcome is unknown.
 */
import { byKey, describe, isAcknowledged, mayHaveApplied, type Operation } from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

/** `isCounter`: whether a key is one, written in steps of one from 0 by `cas` and nothing else. */
export function checkCounters(operations: readonly Operation[], isCounter: (key: string) => boolean): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const read = ofKey.findLast(({ kind, outcome, final }) => kind === 'get' && outcome === 'ok' && final);
    if (!isCounter(key) || read === undefined) continue;
    const acknowledged = ofKey.filter(isAcknowledged).length;
    const most = ofKey.filter(mayHaveApplied).length;
    checked += most;
    const shown = countOf(read.value);
    if (shown !== undefined && shown >= acknowledged && shown <= most) continue;
    const explanation =
      `${describe(read)} at the end, after ${acknowledged} acknowledged increments` +
      (most > acknowledged ? ` and ${most - acknowledged} with an unknown outcome` : '');
    violations.push({ key, explanation, operations: [read] });
  }
  return verdictOf('counters', checked, violations);
}

/** As recordHistory writes a number: in brackets. */
function countOf(value: string | null | undefined): number | undefined {
  if (value === null) return 0;
  const match = /^\((\d+)\)$/.exec(value ?? '');
  return match === null ? undefined : Number(match[1]);
}
