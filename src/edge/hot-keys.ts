/**
 * The names that come up most, in bounded memory: the Space-Saving sketch (Metwally, Agrawal and El Abbadi, "Efficient
 * Computation of Frequent and Top-k Elements in Data Streams", 2005). A name that is not watched takes the place of the
 * least frequent one, and inherits its count as its possible error. Whatever makes up more than 1 in `capacity` of all is
 * in it for certain.
 */
export interface HotKey {
  readonly name: string;
  /** Never below the true count, and above it by `error` at most. */
  readonly count: number;
  readonly error: number;
  /** How many of them, since it is watched, were given without asking the cluster. */
  readonly given: number;
}

interface Watched {
  count: number;
  error: number;
  given: number;
}

export class HotKeys {
  readonly #capacity: number;
  readonly #watched = new Map<string, Watched>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(name: string, isGiven: boolean): void {
    const one = this.#watched.get(name) ?? this.#takeIn(name);
    one.count += 1;
    if (isGiven) one.given += 1;
  }

  /** The most frequent first. */
  top(limit: number): HotKey[] {
    return [...this.#watched]
      .map(([name, { count, error, given }]) => ({ name, count, error, given }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }

  #takeIn(name: string): Watched {
    const error = this.#watched.size < this.#capacity ? 0 : this.#dropLeast();
    const one = { count: error, error, given: 0 };
    this.#watched.set(name, one);
    return one;
  }

  #dropLeast(): number {
    let [leastName, least] = ['', Infinity];
    for (const [name, { count }] of this.#watched) if (count < least) [leastName, least] = [name, count];
    this.#watched.delete(leastName);
    return least;
  }
}
