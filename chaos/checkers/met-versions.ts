/** Versions that nothing but a condition tells of: one that was met by them, so that they were there, once. */
import type { Call } from './call.js';
import { expectsAbsence } from './register-states.js';
import type { VersionFacts } from './version-facts.js';

export interface MetVersion {
  readonly version: string;
  /** Made by a delete whose outcome is unknown. */
  readonly isTombstone: boolean;
}

/** Each of them is tried as a value and as a tombstone; what is beyond these binds nothing. */
const TRIED_MAX = 3;

/** What these versions may have been: every possibility once. */
export function metVersions(calls: readonly Call[], facts: VersionFacts): readonly (readonly MetVersion[])[] {
  const shown = new Set(calls.flatMap(({ looks, operation: { version } }) => (looks ? [] : (version ?? []))));
  const met = new Set<string>();
  for (const { binding, looks, operation } of calls) {
    const { expect } = operation;
    if (!binding || looks || expect === undefined || expectsAbsence(operation)) continue;
    if (!shown.has(expect) && !facts.values.has(expect)) met.add(expect);
  }
  const mayBeTombstones = calls.some(({ binding, operation }) => !binding && operation.kind === 'delete');
  let possibilities: MetVersion[][] = [[]];
  for (const version of [...met].slice(0, TRIED_MAX)) {
    possibilities = possibilities.flatMap((before) =>
      (mayBeTombstones ? [false, true] : [false]).map((isTombstone) => [...before, { version, isTombstone }]),
    );
  }
  return possibilities;
}
