/** Of the keys of a run: who has them. */
export interface Homes {
  readonly nodes: readonly string[];
  readonly keys: readonly string[];
  of(key: string): readonly string[];
}

export const NO_HOMES: Homes = { nodes: [], keys: [], of: () => [] };
