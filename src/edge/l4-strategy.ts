/** Which node gets a connection: pure choices among those that may have it. */
import { hashText } from '../core/hash.js';

export const L4_STRATEGIES = ['least-connections', 'round-robin', 'power-of-two', 'source-hash'] as const;
/**
 * `least-connections`: the node with the fewest open ones, in turn among equals. `round-robin`: one after the other.
 * `power-of-two`: the better of two drawn at random (Mitzenmacher 2001), which does not send all new connections to a
 * node that has just come back. `source-hash`: by the client's host, so that all its connections share a node; when a
 * node goes, only its own clients move (rendezvous hashing, Thaler and Ravishankar 1998).
 */
export type L4Strategy = (typeof L4_STRATEGIES)[number];

export interface L4Candidate {
  /** Stays the same for as long as the balancer runs; no two have the same. */
  readonly name: string;
  /** Place in the list of all nodes. */
  readonly place: number;
  /** Open now. */
  readonly connections: number;
}

export interface L4Draw {
  /** Place of the node that got the last connection; -1 before the first. */
  readonly lastPlace: number;
  /** The client's host, without its port. */
  readonly source: string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** One of the candidates, which are in the order of their places; undefined where there are none. */
export function pickNode<T extends L4Candidate>(
  strategy: L4Strategy,
  candidates: readonly T[],
  draw: L4Draw,
): T | undefined {
  switch (strategy) {
    case 'least-connections':
      return nextOf(fewestOf(candidates), draw.lastPlace);
    case 'round-robin':
      return nextOf(candidates, draw.lastPlace);
    case 'power-of-two':
      return betterOfTwo(candidates, draw.random);
    case 'source-hash':
      return highestOf(candidates, draw.source);
  }
}

function fewestOf<T extends L4Candidate>(candidates: readonly T[]): readonly T[] {
  const fewest = Math.min(...candidates.map(({ connections }) => connections));
  return candidates.filter(({ connections }) => connections === fewest);
}

/** The first one behind that place, from the front again where there is none. */
function nextOf<T extends L4Candidate>(candidates: readonly T[], lastPlace: number): T | undefined {
  return candidates.find(({ place }) => place > lastPlace) ?? candidates[0];
}

function betterOfTwo<T extends L4Candidate>(candidates: readonly T[], random: () => number): T | undefined {
  const count = candidates.length;
  if (count < 2) return candidates[0];
  const at = Math.floor(random() * count);
  const first = candidates[at]!;
  // Any of the others, equally often.
  const second = candidates[(at + 1 + Math.floor(random() * (count - 1))) % count]!;
  return second.connections < first.connections ? second : first;
}

function highestOf<T extends L4Candidate>(candidates: readonly T[], source: string): T | undefined {
  let highest: T | undefined;
  let most = -1;
  for (const candidate of candidates) {
    const weight = hashText(`${source} ${candidate.name}`);
    if (weight <= most) continue;
    most = weight;
    highest = candidate;
  }
  return highest;
}
