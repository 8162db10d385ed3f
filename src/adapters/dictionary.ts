/** What the messages of one frame have in common, written once. */

/** Entries are compared one by one up to this many; beyond it a map is made. */
const SCAN_MAX = 8;

export class Dictionary<T> {
  readonly entries: T[] = [];
  readonly #same: (a: T, b: T) => boolean;
  readonly #name: (entry: T) => unknown;
  #names: Map<unknown, number> | undefined;
  #last = 0;

  /** @param name - the same for equal entries only */
  constructor(same: (a: T, b: T) => boolean, name: (entry: T) => unknown) {
    this.#same = same;
    this.#name = name;
  }

  /** The position of an entry, added if it is new. Most often it is the one that was asked for last. */
  indexOf(entry: T): number {
    const last = this.entries[this.#last];
    if (last !== undefined && this.#same(last, entry)) return this.#last;
    this.#last = this.entries.length <= SCAN_MAX ? this.#scan(entry) : this.#lookUp(entry);
    if (this.#last === this.entries.length) this.entries.push(entry);
    return this.#last;
  }

  #scan(entry: T): number {
    for (let i = 0; i < this.entries.length; i += 1) if (this.#same(this.entries[i]!, entry)) return i;
    return this.entries.length;
  }

  #lookUp(entry: T): number {
    this.#names ??= new Map(this.entries.map((known, index) => [this.#name(known), index]));
    const name = this.#name(entry);
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    this.#names.set(name, this.entries.length);
    return this.entries.length;
  }
}
