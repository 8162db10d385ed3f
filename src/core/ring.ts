/** Consistent hashing with virtual nodes: which nodes are a key's home replicas, in order. */
import { VIRTUAL_NODES } from './defaults.js';
import { hashText } from './hash.js';

export interface RingOptions {
  readonly nodes: readonly string[];
  /** Home replicas of a key. */
  readonly replicas: number;
  readonly virtualNodes?: number;
}

export class Ring {
  readonly nodes: readonly string[];
  readonly replicas: number;
  readonly #points: Uint32Array;
  /** The home replicas of the keys up to each point. Equal lists are the same array. */
  readonly #homes: (readonly string[])[];
  /** The node that placed each point. */
  readonly #owners: readonly string[];

  constructor(options: RingOptions) {
    this.nodes = [...new Set(options.nodes)].sort();
    this.replicas = Math.min(options.replicas, this.nodes.length);
    const points = placePoints(this.nodes, options.virtualNodes ?? VIRTUAL_NODES);
    this.#points = Uint32Array.from(points, (point) => point.at);
    this.#homes = homesOf(points, this.replicas);
    this.#owners = points.map((point) => point.node);
  }

  /** The home replicas of a key in ring order; the first is its primary. The same array for every key of a range. */
  homeReplicas(key: string): readonly string[] {
    return this.#homes[this.#pointOf(key)]!;
  }

  /**
   * Who keeps hinted copies for home replicas that cannot be reached: the next nodes on the ring after them that can
   * be, at most `count` (the sloppy quorum of Dynamo, 2007). Empty where every node is a home replica.
   */
  fallbacks(key: string, isReachable: (node: string) => boolean, count: number): string[] {
    const start = this.#pointOf(key);
    const homes = this.#homes[start]!;
    const found = new Set<string>();
    for (let i = 0; i < this.#owners.length && found.size < count; i += 1) {
      const node = this.#owners[(start + i) % this.#owners.length]!;
      if (!homes.includes(node) && isReachable(node)) found.add(node);
    }
    return [...found];
  }

  /** The home replicas of every range, each list once. */
  get homeSets(): readonly (readonly string[])[] {
    return [...new Set(this.#homes)];
  }

  primary(key: string): string {
    return this.homeReplicas(key)[0]!;
  }

  #pointOf(key: string): number {
    const at = hashText(key);
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#points[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low === this.#points.length ? 0 : low;
  }
}

interface Point {
  readonly at: number;
  readonly node: string;
}

function placePoints(nodes: readonly string[], virtualNodes: number): Point[] {
  const points = nodes.flatMap((node) =>
    Array.from({ length: virtualNodes }, (_, index) => ({ at: hashText(`${node}#${index}`), node })),
  );
  return points.sort((a, b) => a.at - b.at || (a.node < b.node ? -1 : 1));
}

function homesOf(points: readonly Point[], replicas: number): (readonly string[])[] {
  const interned = new Map<string, readonly string[]>();
  return points.map((_, start) => {
    const homes: string[] = [];
    for (let i = 0; homes.length < replicas; i += 1) {
      const { node } = points[(start + i) % points.length]!;
      if (!homes.includes(node)) homes.push(node);
    }
    const name = homes.join(' ');
    const known = interned.get(name);
    if (known !== undefined) return known;
    interned.set(name, homes);
    return homes;
  });
}
