/** After heal and repair all home replicas of a key hold the same (PROTOCOL.md, invariant 8). Judges dumps, not a history. */
import { verdictOf, type Verdict, type Violation } from './verdict.js';

/** What one node holds of one key. */
export interface ReplicaRecord {
  /** The accepted ballot, in any form that is equal for equal ballots. */
  readonly ballot: string;
  readonly version: string;
  /** Of the value; null for a tombstone. */
  readonly digest: string | null;
}

export interface ReplicaDump {
  readonly node: string;
  readonly records: ReadonlyMap<string, ReplicaRecord>;
}

/** `homes` names the home replicas of a key; without it, every node that was dumped. */
export function checkConvergence(dumps: readonly ReplicaDump[], homes?: (key: string) => readonly string[]): Verdict {
  const keys = new Set(dumps.flatMap(({ records }) => [...records.keys()]));
  const violations: Violation[] = [];
  for (const key of keys) {
    const replicas = homes?.(key) ?? dumps.map(({ node }) => node);
    const held = replicas.map((node) => {
      const dump = dumps.find((one) => one.node === node);
      const record = dump?.records.get(key);
      return { node, shown: dump === undefined ? 'not dumped' : record === undefined ? 'nothing' : shownAs(record) };
    });
    if (held.every(({ shown }) => shown === held[0]!.shown) && held[0]?.shown !== 'not dumped') continue;
    const explanation = `home replicas differ: ${held.map(({ node, shown }) => `${node} holds ${shown}`).join('; ')}`;
    violations.push({ key, explanation, operations: [] });
  }
  return verdictOf('convergence', keys.size, violations);
}

function shownAs({ ballot, version, digest }: ReplicaRecord): string {
  return `${digest === null ? 'a tombstone' : digest} (${version}) under ${ballot}`;
}
