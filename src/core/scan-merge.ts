/**
 * The lists of many replicas as one, in order and each key once, as far as all of them have been read.
 *
 * What is given out leaves out no key that has a value throughout. A value that a majority chose is in a record of
 * each of that majority from then on, under that ballot or a later one (PROTOCOL.md rule 5), so that whoever hears one
 * replica of each majority hears of the key: with its value, or, where a delete was accepted that may never be chosen,
 * with a tombstone. A tombstone that a majority of the key's home replicas holds under ONE ballot is different: it was
 * chosen, and chosen while the lists were made, since none of these replicas held anything later before it was asked.
 * Only such keys are passed over; the others are given out, and a read at the level asked decides.
 */
import { sameBallot, type Ballot } from './ballot.js';
import { compareIn, type KeyPage, type KeyRange } from './key-range.js';
import { majority, requiredReplicas, type Level } from './level.js';

export interface Candidate {
  readonly key: string;
  /** A majority of its home replicas holds a value and none that answered a tombstone. */
  readonly sure: boolean;
}

interface Listed {
  readonly key: string;
  /** The tombstone's; null: there is a value. */
  readonly deleted: Ballot | null;
}

/** What one replica has said. */
class List {
  entries: readonly Listed[] = [];
  next = 0;
  /** Through which key it was read; undefined: not at all, null: to the end. */
  through: string | null | undefined;
  /** It will say no more. */
  isLost = false;

  get first(): Listed | undefined {
    return this.entries[this.next];
  }

  get isAtEnd(): boolean {
    return this.isLost || this.through === null;
  }
}

export class ScanMerge {
  readonly #range: KeyRange;
  readonly #homesOf: (key: string) => readonly string[];
  readonly #lists: ReadonlyMap<string, List>;
  #through: string | undefined;

  constructor(nodes: readonly string[], range: KeyRange, homesOf: (key: string) => readonly string[]) {
    this.#range = range;
    this.#homesOf = homesOf;
    this.#lists = new Map(nodes.map((node) => [node, new List()]));
  }

  /** Through which key everything was given out or passed over; undefined: nothing was yet. */
  get through(): string | undefined {
    return this.#through;
  }

  /** Everything there is was given out, or passed over. */
  get isDone(): boolean {
    return this.hungry.length === 0 && this.#least() === undefined;
  }

  /** The replicas whose next page must be known before there is more to give out. */
  get hungry(): readonly string[] {
    const hungry: string[] = [];
    for (const [node, list] of this.#lists) {
      if (!list.isAtEnd && list.first === undefined) hungry.push(node);
    }
    return hungry;
  }

  /** The next page of a hungry replica, which begins after the key through which its last one went. */
  add(node: string, page: KeyPage): void {
    const list = this.#lists.get(node)!;
    list.entries = this.#interleaved(page);
    list.next = 0;
    list.through = page.through;
  }

  /** Through which key a replica was read. */
  throughOf(node: string): string | undefined {
    return this.#lists.get(node)!.through ?? undefined;
  }

  /** A replica gives no more; what it has said stays good. */
  lose(node: string): void {
    this.#lists.get(node)!.isLost = true;
  }

  /** The next candidate; undefined: none before a hungry replica is fed, or at all. */
  next(): Candidate | undefined {
    const bound = this.#bound();
    for (let key = this.#least(); key !== undefined && this.#isWithin(key, bound); key = this.#least()) {
      this.#through = key;
      const candidate = this.#take(key);
      if (candidate !== undefined) return candidate;
    }
    if (typeof bound === 'string') this.#through = bound;
    return undefined;
  }

  /** Where the first list must be read on; undefined: one was not begun, null: all were read to the end. */
  #bound(): string | null | undefined {
    let bound: string | null = null;
    for (const list of this.#lists.values()) {
      if (list.isAtEnd) continue;
      if (list.through == null) return undefined;
      if (bound === null || compareIn(this.#range, list.through, bound) < 0) bound = list.through;
    }
    return bound;
  }

  #isWithin(key: string, bound: string | null | undefined): boolean {
    if (bound === undefined) return false;
    return bound === null || compareIn(this.#range, key, bound) <= 0;
  }

  #least(): string | undefined {
    let least: string | undefined;
    for (const { first } of this.#lists.values()) {
      if (first !== undefined && (least === undefined || compareIn(this.#range, first.key, least) < 0))
        least = first.key;
    }
    return least;
  }

  /** Takes a key off every list; undefined: it was deleted for certain. */
  #take(key: string): Candidate | undefined {
    const homes = this.#homesOf(key);
    const needed = majority(homes.length);
    const tombstones: Ballot[] = [];
    let values = 0;
    let homeValues = 0;
    for (const [node, list] of this.#lists) {
      if (list.first?.key !== key) continue;
      const { deleted } = list.first;
      list.next += 1;
      const isHome = homes.includes(node);
      if (deleted === null) {
        values += 1;
        if (isHome) homeValues += 1;
      } else if (isHome) tombstones.push(deleted);
    }
    if (values === 0 && holdsMajority(tombstones, needed)) return undefined;
    return { key, sure: homeValues >= needed && tombstones.length === 0 };
  }

  #interleaved({ keys, deleted }: KeyPage): Listed[] {
    const listed: Listed[] = [];
    let next = 0;
    for (const key of keys) {
      for (; next < deleted.length && compareIn(this.#range, deleted[next]!.key, key) < 0; next += 1) {
        listed.push({ key: deleted[next]!.key, deleted: deleted[next]!.accepted });
      }
      listed.push({ key, deleted: null });
    }
    return [...listed, ...deleted.slice(next).map(({ key, accepted }) => ({ key, deleted: accepted }))];
  }
}

/** Whether this many tombstones are one and the same. */
function holdsMajority(tombstones: readonly Ballot[], needed: number): boolean {
  return tombstones.some((one) => tombstones.filter((other) => sameBallot(one, other)).length >= needed);
}

/**
 * Home replicas of which fewer answered than the level asks for, so that a key of theirs could be missing from the
 * lists of the others; undefined: there are none. At QUORUM one replica at least of every majority is heard. ONE asks
 * for one home replica of each key, and finds what has reached those that answered.
 */
export function uncovered(
  homeSets: readonly (readonly string[])[],
  lost: ReadonlySet<string>,
  level: Level,
): readonly string[] | undefined {
  return homeSets.find((homes) => {
    const answered = homes.filter((node) => !lost.has(node)).length;
    return answered < requiredReplicas(level, homes.length);
  });
}
