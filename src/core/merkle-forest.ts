/**
 * The Merkle trees of one node: one for each set of home replicas it is in, since two replicas have in common
 * only the keys of which both are a home.
 *
 * Trees live in memory. After a start they are built by one scan of the store while writes go on: each key is
 * entered once, by whichever comes first, the scan or a write.
 */
import { NO_BALLOT, type Ballot } from './ballot.js';
import { compareKeys } from './key-order.js';
import { areNodes, DIGEST_WORDS, MerkleTree } from './merkle-tree.js';

export type MerkleRequest =
  | { readonly kind: 'roots'; readonly groups: readonly string[] }
  | {
      readonly kind: 'children';
      readonly group: string;
      readonly level: number;
      readonly nodes: readonly number[];
    };

export class MerkleForest {
  readonly #trees = new Map<string, { readonly tree: MerkleTree; readonly homes: readonly string[] }>();
  /** A list of home replicas is one and the same array for all keys of a range (Ring). */
  readonly #byHomes = new Map<readonly string[], MerkleTree | null>();
  /** The scan has passed every key up to here; null: it has ended. */
  #scanned: string | null = '';
  /** Keys above it that are in the trees already, because they were written meanwhile. */
  readonly #early = new Set<string>();

  constructor(private readonly self: string) {}

  /** Until then digests say nothing and must not be compared. */
  get isComplete(): boolean {
    return this.#scanned === null;
  }

  /** Keys in all trees. */
  get size(): number {
    let size = 0;
    for (const { tree } of this.#trees.values()) size += tree.size;
    return size;
  }

  /** For every change of an accepted ballot here, in the turn in which it happens; none: there is no record. */
  wrote(key: string, homes: readonly string[], before: Ballot, after: Ballot): void {
    const tree = this.#treeOf(homes);
    if (tree === null) return;
    const isEarly = this.#scanned !== null && compareKeys(key, this.#scanned) > 0 && !this.#early.has(key);
    if (isEarly) this.#early.add(key);
    tree.update(key, isEarly ? NO_BALLOT : before, after);
  }

  /** The scan has come to this key, in the order in which stores list keys, and this is its newest record. */
  scanned(key: string, homes: readonly string[], accepted: Ballot): void {
    this.#scanned = key;
    if (!this.#early.delete(key)) this.#treeOf(homes)?.update(key, NO_BALLOT, accepted);
  }

  scanEnded(): void {
    this.#scanned = null;
    this.#early.clear();
  }

  /** The trees that are shared with a peer, in an order that both know. */
  groupsWith(peer: string): string[] {
    return Array.from(this.#trees)
      .filter(([, { homes }]) => homes.includes(peer))
      .map(([group]) => group)
      .sort();
  }

  tree(group: string): MerkleTree | undefined {
    return this.#trees.get(group)?.tree;
  }

  /** What a peer is told; undefined: not yet, or the request cannot be answered. */
  answer(request: MerkleRequest): Uint32Array | undefined {
    if (!this.isComplete) return undefined;
    if (request.kind === 'roots') {
      const digests = new Uint32Array(request.groups.length * DIGEST_WORDS);
      request.groups.forEach((group, index) => {
        digests.set(this.tree(group)?.root() ?? [], index * DIGEST_WORDS);
      });
      return digests;
    }
    if (!areNodes(request.level, request.nodes)) return undefined;
    return (this.tree(request.group) ?? new MerkleTree()).children(request.level, request.nodes);
  }

  #treeOf(homes: readonly string[]): MerkleTree | null {
    const known = this.#byHomes.get(homes);
    if (known !== undefined) return known;
    const tree = homes.includes(this.self) ? this.#grow(homes) : null;
    this.#byHomes.set(homes, tree);
    return tree;
  }

  #grow(homes: readonly string[]): MerkleTree {
    const group = groupName(homes);
    const tree = this.tree(group) ?? new MerkleTree();
    this.#trees.set(group, { tree, homes });
    return tree;
  }
}

/** The name of the tree of these home replicas: their order does not matter. */
export function groupName(homes: readonly string[]): string {
  return [...homes].sort().join(' ');
}
