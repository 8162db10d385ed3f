import { compareIn, isInRange, type KeyPage, type KeyRange } from '../../src/core/key-range.js';
import type { Record } from '../../src/core/register.js';

/** The list that a store makes of its records (src/ports/store.ts). */
export function listRecords(records: ReadonlyMap<string, Record>, range: KeyRange, limit: number): KeyPage {
  const inOrder = [...records].filter(([key]) => isInRange(key, range)).sort(([a], [b]) => compareIn(range, a, b));
  const looked = inOrder.slice(0, limit);
  return {
    keys: looked.filter(([, { state }]) => state !== null && state.value !== null).map(([key]) => key),
    deleted: looked.filter(([, { state }]) => state?.value === null).map(([key, { accepted }]) => ({ key, accepted })),
    through: inOrder.length > limit ? looked.at(-1)![0] : null,
  };
}
