/**
 * Finds where two replicas differ, as a machine that is told the other's digests and says what to ask next.
 * Equal replicas cost one exchange; what differs costs its path through the tree and the list of its leaf.
 *
 * The trees may change while they are compared: a difference found then is looked at key by key, where a write
 * that was still on its way shows as one.
 */
import type { MerkleForest, MerkleRequest } from './merkle-forest.js';
import { DEPTH, FAN_OUT, LEAVES } from './merkle-hash.js';
import { DIGEST_WORDS } from './merkle-tree.js';

export type MerkleStep =
  | { readonly do: 'ask'; readonly request: MerkleRequest }
  /** List the keys of these leaves at both replicas and compare them (merkle-leaf), then call `onListed`. */
  | { readonly do: 'list'; readonly group: string; readonly leaves: readonly number[] }
  | { readonly do: 'finish' }
  /** The other's answer does not fit the question. */
  | { readonly do: 'fail'; readonly reason: string };

export interface MerkleComparisonOptions {
  /** Inner nodes in one question; the answer takes 128 bytes for each. */
  readonly nodesPerAsk?: number;
  /** Leaves of the first list; 64. */
  readonly leavesPerList?: number;
  /** Keys that a later list aims at, from what the one before held. */
  readonly keysPerList?: number;
  /** Leaves of a list at most; as many as the first has. */
  readonly leavesPerListMax?: number;
}

interface Nodes {
  readonly group: string;
  /** DEPTH: leaves. */
  readonly level: number;
  readonly nodes: readonly number[];
}

export class MerkleComparison {
  readonly #forest: MerkleForest;
  readonly #groups: readonly string[];
  readonly #nodesPerAsk: number;
  readonly #keysPerList: number;
  readonly #leavesPerListMax: number;
  #leavesPerList: number;
  /** Nodes that differ and have not been looked into. The deepest come first, so that few wait at a time. */
  readonly #open: Nodes[] = [];
  #asked: MerkleRequest | undefined;
  #listing = 0;
  #leavesDone = 0;
  exchanges = 0;
  digestsCompared = 0;
  leavesListed = 0;

  constructor(forest: MerkleForest, peer: string, options: MerkleComparisonOptions = {}) {
    this.#forest = forest;
    this.#groups = forest.groupsWith(peer);
    this.#nodesPerAsk = options.nodesPerAsk ?? 64;
    this.#leavesPerList = options.leavesPerList ?? 64;
    this.#leavesPerListMax = options.leavesPerListMax ?? this.#leavesPerList;
    this.#keysPerList = options.keysPerList ?? Infinity;
  }

  /** The share of the key space that is known to be equal, or was listed: 0 to 1. */
  get progress(): number {
    return this.#groups.length === 0 ? 1 : this.#leavesDone / (this.#groups.length * LEAVES);
  }

  begin(): MerkleStep {
    if (this.#groups.length === 0) return { do: 'finish' };
    return this.#ask({ kind: 'roots', groups: this.#groups });
  }

  /** The other's answer to what was asked last. */
  onDigests(theirs: Uint32Array): MerkleStep {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined) return { do: 'fail', reason: 'digests that were not asked for' };
    const ours = this.#forest.answer(asked);
    if (ours?.length !== theirs.length)
      return { do: 'fail', reason: `${theirs.length} words of digests where ${ours?.length ?? 0} were asked for` };
    this.digestsCompared += theirs.length / DIGEST_WORDS;
    const differing = indexesOfDifferences(ours, theirs);
    if (asked.kind === 'roots') this.#onRoots(asked.groups, differing);
    else this.#onChildren(asked.group, asked.level + 1, asked.nodes, differing);
    return this.#next();
  }

  /** The leaves of the last `list` were compared key by key; `keys`: how many the fuller of the replicas has in them. */
  onListed(keys: number): MerkleStep {
    this.#leavesDone += this.#listing;
    this.#leavesPerList = this.#leavesThatFit(keys);
    this.#listing = 0;
    return this.#next();
  }

  #onRoots(groups: readonly string[], differing: readonly number[]): void {
    this.#leavesDone += (groups.length - differing.length) * LEAVES;
    for (const index of differing) this.#open.push({ group: groups[index]!, level: 0, nodes: [0] });
  }

  #onChildren(group: string, level: number, parents: readonly number[], differing: readonly number[]): void {
    this.#leavesDone += (parents.length * FAN_OUT - differing.length) * FAN_OUT ** (DEPTH - level);
    const nodes = differing.map((index) => parents[Math.floor(index / FAN_OUT)]! * FAN_OUT + (index % FAN_OUT));
    // Leaves are cut into lists when their turn comes: only then is known how many fit into one.
    const size = level === DEPTH ? Infinity : this.#nodesPerAsk;
    for (let at = 0; at < nodes.length; at += size)
      this.#open.push({ group, level, nodes: nodes.slice(at, at + size) });
  }

  /** Keys spread evenly over leaves; a list at most doubles, since one that was nearly empty says little. */
  #leavesThatFit(keys: number): number {
    const fitting = Math.floor((this.#listing * this.#keysPerList) / Math.max(keys, 1));
    return Math.max(1, Math.min(fitting, 2 * this.#leavesPerList, this.#leavesPerListMax));
  }

  #next(): MerkleStep {
    const open = this.#open.pop();
    if (open === undefined) return { do: 'finish' };
    const { group, level, nodes } = open;
    if (level < DEPTH) return this.#ask({ kind: 'children', group, level, nodes });
    const leaves = nodes.slice(0, this.#leavesPerList);
    if (leaves.length < nodes.length) this.#open.push({ group, level, nodes: nodes.slice(leaves.length) });
    this.#listing = leaves.length;
    this.leavesListed += leaves.length;
    return { do: 'list', group, leaves };
  }

  #ask(request: MerkleRequest): MerkleStep {
    this.exchanges += 1;
    this.#asked = request;
    return { do: 'ask', request };
  }
}

function indexesOfDifferences(ours: Uint32Array, theirs: Uint32Array): number[] {
  const indexes: number[] = [];
  for (let at = 0; at < ours.length; at += DIGEST_WORDS)
    if (ours[at] !== theirs[at] || ours[at + 1] !== theirs[at + 1]) indexes.push(at / DIGEST_WORDS);
  return indexes;
}
