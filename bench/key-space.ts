/** The keys of one value size: those that were loaded, and those that workloads have inserted since. */
export class KeySpace {
  readonly #names: string[] = [];
  readonly #prefix: string;
  #next: number;
  /** Every key below this index has a value. */
  #count: number;
  /** Stored although an earlier one is not yet. */
  readonly #early = new Set<number>();

  /** The first `count` keys; the same for every run. Spaces with other first letters share none. */
  constructor(count: number, valueBytes: number, firstLetters = 'user') {
    this.#prefix = `${firstLetters}-${valueBytes}-`;
    this.#next = count;
    this.#count = count;
  }

  /** How many keys have a value, from the first one without a gap. */
  get count(): number {
    return this.#count;
  }

  name(index: number): string {
    return (this.#names[index] ??= this.#prefix + String(index).padStart(8, '0'));
  }

  /** The index of a key that nobody has used yet. */
  take(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  /** A key that was taken has a value now. As in YCSB, only keys without a gap before them are picked. */
  stored(index: number): void {
    this.#early.add(index);
    while (this.#early.delete(this.#count)) this.#count += 1;
  }
}
