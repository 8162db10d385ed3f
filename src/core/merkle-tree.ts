/**
 * A hash tree over the keys that share their home replicas (Merkle 1987; PROTOCOL.md rule 16), kept up to date
 * with every accepted write: five sums, whatever the number of keys. It takes 560 KB and holds no keys.
 */
import { isNone, type Ballot } from './ballot.js';
import { DEPTH, FAN_OUT, hashKey, lane, leafAt } from './merkle-hash.js';

/** A digest is so many 32-bit words. */
export const DIGEST_WORDS = 2;

/** Index of the first node of each level when all levels stand in one row. */
const FIRST = Array.from({ length: DEPTH + 1 }, (_, level) => (FAN_OUT ** level - 1) / (FAN_OUT - 1));
const NODES = (FAN_OUT ** (DEPTH + 1) - 1) / (FAN_OUT - 1);

export const MERKLE_TREE_BYTES = NODES * DIGEST_WORDS * 4;

export class MerkleTree {
  readonly #sums = new Uint32Array(NODES * DIGEST_WORDS);
  #size = 0;

  /** Keys with an accepted state, tombstones included. */
  get size(): number {
    return this.#size;
  }

  /** The accepted ballot of a key was `before` and is `after` now; none: it has no record. */
  update(key: string, before: Ballot, after: Ballot): void {
    const { place, second } = hashKey(key);
    let first = 0;
    let other = 0;
    if (!isNone(after)) {
      first += lane(place, after);
      other += lane(second, after);
      this.#size += 1;
    }
    if (!isNone(before)) {
      first -= lane(place, before);
      other -= lane(second, before);
      this.#size -= 1;
    }
    this.#add(leafAt(place), first, other);
  }

  root(): Uint32Array {
    return this.#sums.slice(0, DIGEST_WORDS);
  }

  /** The digests of the children of these nodes of a level (0: the root), those of the first node first. */
  children(level: number, nodes: readonly number[]): Uint32Array {
    const words = FAN_OUT * DIGEST_WORDS;
    const digests = new Uint32Array(nodes.length * words);
    nodes.forEach((node, index) => {
      const from = (FIRST[level + 1]! + node * FAN_OUT) * DIGEST_WORDS;
      digests.set(this.#sums.subarray(from, from + words), index * words);
    });
    return digests;
  }

  #add(leaf: number, first: number, other: number): void {
    let node = leaf;
    for (let level = DEPTH; level >= 0; level -= 1) {
      const at = (FIRST[level]! + node) * DIGEST_WORDS;
      // Typed arrays of 32 bits wrap around, in sums as in differences.
      this.#sums[at] = this.#sums[at]! + first;
      this.#sums[at + 1] = this.#sums[at + 1]! + other;
      node = Math.floor(node / FAN_OUT);
    }
  }
}

/** Whether these nodes may be asked for: what comes from a peer is not trusted to be in range. */
export function areNodes(level: number, nodes: readonly number[]): boolean {
  if (!Number.isInteger(level) || level < 0 || level >= DEPTH) return false;
  return nodes.every((node) => Number.isInteger(node) && node >= 0 && node < FAN_OUT ** level);
}
