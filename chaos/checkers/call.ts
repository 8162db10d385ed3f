/** The operations of one key as linearizability sees them: what binds, what is optional, and between which two moments. */
import { isFailedCondition, isLinearizable, isMutation, type Operation } from './operation.js';

export interface Call {
  readonly operation: Operation;
  readonly start: number;
  /** Infinity for what is optional. */
  readonly end: number;
  /** It must be explained. Otherwise it may take effect at any time after its start, or never. */
  readonly binding: boolean;
  /** It looks at the register and leaves it as it is. */
  readonly looks: boolean;
}

/**
 * Calls of one key, by start. Binding are the answers vouched for as linearizable. Optional are mutations with
 * an unknown outcome and those acknowledged with a weaker receipt (PROTOCOL.md rule 12). Definite failures and
 * weaker reads are left out. Attempts at one operation id are one call: it took effect once, after the first
 * attempt began and before the first answer.
 */
export function callsOf(operations: readonly Operation[]): Call[] {
  const calls: Call[] = [];
  const attempts = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (!isMutation(operation)) {
      if (operation.outcome === 'ok' && isLinearizable(operation)) calls.push(single(operation, true));
    } else if (operation.outcome !== 'fail' || isFailedCondition(operation)) {
      if (operation.op === undefined) calls.push(merge([operation]));
      else append(attempts, attemptName(operation), operation);
    }
  }
  for (const group of attempts.values()) calls.push(merge(group));
  return calls.sort((a, b) => a.start - b.start);
}

/** The same operation id with another payload is another call (the register answers OP_MISMATCH). */
function attemptName({ op, kind, value, expect, expectValue }: Operation): string {
  return JSON.stringify([op, kind, value, expect, expectValue]);
}

function append(groups: Map<string, Operation[]>, name: string, operation: Operation): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [operation]);
  else group.push(operation);
}

function merge(group: readonly Operation[]): Call {
  const told = group.reduce((best, attempt) => (strength(attempt) > strength(best) ? attempt : best));
  const start = Math.min(...group.map((attempt) => attempt.start));
  const same = group.filter((attempt) => strength(attempt) === strength(told));
  return {
    ...single(told, strength(told) >= 2),
    start,
    end: strength(told) >= 2 ? Math.min(...same.map(({ end }) => end)) : Infinity,
  };
}

/** How much an attempt tells: 3 acknowledged as linearizable, 2 a condition that failed, 1 acknowledged weaker, 0 unknown. */
function strength(attempt: Operation): number {
  if (isFailedCondition(attempt)) return 2;
  if (attempt.outcome !== 'ok') return 0;
  return isLinearizable(attempt) ? 3 : 1;
}

function single(operation: Operation, binding: boolean): Call {
  const looks = !isMutation(operation) || operation.outcome === 'fail';
  return { operation, start: operation.start, end: binding ? operation.end : Infinity, binding, looks };
}
