import type { Operation } from './operation.js';

/** What all reads of the key, also those that bind nothing, tell about versions. */
export interface VersionFacts {
  readonly values: ReadonlyMap<string, string | null>;
  /** Operation ids of the mutations that wrote them. */
  readonly writers: ReadonlyMap<string, string>;
}

export function versionFacts(operations: readonly Operation[]): VersionFacts {
  const values = new Map<string, string | null>();
  const writers = new Map<string, string>();
  for (const { kind, outcome, version, value, writer } of operations) {
    if (kind !== 'get' || outcome !== 'ok' || version === undefined) continue;
    if (value !== undefined) values.set(version, value);
    if (writer !== undefined) writers.set(version, writer);
  }
  return { values, writers };
}
