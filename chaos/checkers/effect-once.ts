/** Every operation takes effect once: one version for each operation id, and no value comes back after it was overwritten. */
import {
  byKey,
  describe,
  isAcknowledged,
  isFailedCondition,
  isLinearizable,
  isMutation,
  type Operation,
} from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

export function checkEffectOnce(operations: readonly Operation[]): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const answered = ofKey.filter((one) => one.outcome === 'ok' || isFailedCondition(one));
    checked += answered.length;
    violations.push(...severalEffects(key, answered), ...comebacks(key, ofKey));
  }
  return verdictOf('effect-once', checked, violations);
}

/** What is known of one operation id: the versions it made, and whether a condition failed. */
function severalEffects(key: string, answered: readonly Operation[]): Violation[] {
  const byId = new Map<string, Operation[]>();
  for (const one of answered) {
    const id = isMutation(one) ? one.op : one.writer;
    // What is weaker may be of an attempt that was never chosen, and that another attempt at the operation replaces.
    if (id === undefined || isWeak(one)) continue;
    const list = byId.get(id);
    if (list === undefined) byId.set(id, [one]);
    else list.push(one);
  }
  return [...byId].flatMap(([id, shown]): Violation[] => {
    const took = shown.filter((one) => one.outcome === 'ok' && one.version !== undefined);
    const versions = new Set(took.map(({ version }) => version));
    const refused = shown.find((one) => one.outcome === 'fail');
    if (versions.size > 1) {
      return [
        {
          key,
          explanation: `operation ${id} made ${versions.size} versions: ${[...versions].join(', ')}`,
          operations: took,
        },
      ];
    }
    if (refused === undefined || took.length === 0) return [];
    return [
      {
        key,
        explanation: `operation ${id} took effect and was answered that its condition failed`,
        operations: [took[0]!, refused],
      },
    ];
  });
}

/** A read that may show, or a write that one replica may have acknowledged, what a majority did not choose. */
function isWeak(one: Operation): boolean {
  if (isMutation(one))
    return one.outcome === 'ok' && one.receipt?.guarantee === 'eventual' && one.receipt.degraded === true;
  return !isLinearizable(one) && !one.final;
}

/** A value that only one operation wrote, seen, overwritten for certain, and seen again. */
function comebacks(key: string, ofKey: readonly Operation[]): Violation[] {
  const overwrites = ofKey.filter((one) => isAcknowledged(one) && isLinearizable(one) && one.kind !== 'delete');
  const reads = ofKey.filter(
    (one) => one.kind === 'get' && one.outcome === 'ok' && isLinearizable(one) && typeof one.value === 'string',
  );
  const written = writersOf(ofKey);
  const firstSeen = new Map<string, Operation>();
  for (const one of [...reads, ...overwrites].sort((a, b) => a.end - b.end)) {
    if (typeof one.value === 'string' && !firstSeen.has(one.value)) firstSeen.set(one.value, one);
  }
  return reads.flatMap((read): Violation[] => {
    const first = firstSeen.get(read.value!)!;
    if (written.get(read.value!) !== 1) return [];
    const between = overwrites.find((one) => one.value !== read.value && first.end < one.start && one.end < read.start);
    if (between === undefined) return [];
    const explanation = `${describe(read)}: that value was there before ${describe(between)} and came back`;
    return [{ key, explanation, operations: [first, between, read] }];
  });
}

/** How many operations wrote each value; attempts at one operation id are one. */
function writersOf(ofKey: readonly Operation[]): Map<string, number> {
  const writers = new Map<string, Set<string>>();
  for (const one of ofKey) {
    if (!isMutation(one) || typeof one.value !== 'string') continue;
    const ids = writers.get(one.value) ?? new Set();
    writers.set(one.value, ids.add(one.op ?? `#${one.index}`));
  }
  return new Map([...writers].map(([value, ids]) => [value, ids.size]));
}
