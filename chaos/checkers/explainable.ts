/** Can these calls of one key be explained, from an absent key or from whatever the key may have held? */
import type { Call } from './call.js';
import { searchLinearization, type SearchResult } from './linearization-search.js';
import { metVersions } from './met-versions.js';
import { buildModel, type RegisterModel } from './register-model.js';
import { type VersionFacts } from './version-facts.js';
import { IMPOSSIBLE, INITIAL_ABSENT, OTHER_PRESENT } from './register-states.js';
import { zonesOf } from './version-zones.js';

/** What the register holds before the first call. */
export type Before = 'absent' | 'any value';

/**
 * `invalid` is certain, `valid` too; more than `budget` configurations are `undecided`. With any value before,
 * optional calls that started before `from` may be what wrote it.
 */
export function explain(
  calls: readonly Call[],
  facts: VersionFacts,
  before: Before,
  budget: number,
  from = -Infinity,
): SearchResult {
  let visited = 0;
  let outcome: SearchResult['outcome'] = 'invalid';
  for (const met of metVersions(calls, facts)) {
    const model = buildModel(calls, facts, met);
    const initials = before === 'absent' ? [INITIAL_ABSENT] : possibleInitials(model, from);
    for (const initial of initials) {
      const zones = zonesOf(model, initial);
      if (!zones.possible) continue;
      const result = searchLinearization(model, initial, zones.order, budget - visited);
      visited += result.visited;
      if (result.outcome === 'valid') return { outcome: 'valid', visited };
      if (result.outcome === 'undecided') outcome = 'undecided';
    }
  }
  return { outcome, visited };
}

/** Every state worth starting from: absent, a value nobody names, and what was or may have been written before. */
function possibleInitials({ table, steps, pools }: RegisterModel, from: number): number[] {
  const created = new Set(table.versioned ? steps.map(({ target }) => target) : []);
  const optional = new Map<number, number>();
  for (const { targets, starts } of pools) {
    for (const target of targets) optional.set(target, Math.min(starts[0]!, optional.get(target) ?? Infinity));
  }
  const earlier: number[] = [];
  const orphans: number[] = [];
  for (let state = IMPOSSIBLE + 1; state < table.size; state += 1) {
    if (created.has(state) || table.isForged(state)) continue;
    const start = optional.get(state);
    if (start === undefined && table.versioned && table.demand[state]! > 0) orphans.push(state);
    else if (start === undefined || start < from || !table.versioned) earlier.push(state);
  }
  if (orphans.length > 0) return orphans.length === 1 ? orphans : [];
  return [INITIAL_ABSENT, OTHER_PRESENT, ...earlier];
}
