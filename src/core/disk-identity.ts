/**
 * Which disk a process votes from (PROTOCOL.md rule 2). Peers remember it, so that a node whose disk was lost, or brought
 * back from a copy, is recognised: it has forgotten promises that others count on, and may not vote under its old name.
 */
export interface DiskIdentity {
  /** Drawn when the data folder was made. */
  readonly folder: string;
  /** How often a process has been started on it: kept on the disk itself. */
  readonly starts: number;
  /** Of that process. */
  readonly incarnation: string;
}

/**
 * What speaks against a disk that is shown under this node's name, or undefined. A copy that was taken after the last
 * start its peers know of, and started only once since, cannot be told from the original.
 */
export function diskProblem(node: string, known: DiskIdentity | undefined, shown: DiskIdentity): string | undefined {
  if (known === undefined) return undefined;
  const wayOut = `It may not vote under its old name: start it with its own data folder, or put a node with a new id in its place`;
  if (known.folder !== shown.folder)
    return `node ${node} comes with another data folder than the one it voted from before (its disk was lost or replaced). ${wayOut}`;
  const isOlder =
    shown.starts < known.starts || (shown.starts === known.starts && shown.incarnation !== known.incarnation);
  return isOlder ? `node ${node} comes with an older copy of its data folder. ${wayOut}` : undefined;
}
