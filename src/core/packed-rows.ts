/** Rows of one size in a byte array, of which some go on into another one: which, and where they stand there. */
export class PackedRows {
  /** Rows that the new array has. */
  count = 0;
  /** The new place of each row; -1: it stays behind. */
  readonly #places: number[];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly tableAt: number,
    rows: number,
    private readonly rowBytes: number,
  ) {
    this.#places = new Array<number>(rows).fill(-1);
  }

  /** This row goes on; its place is the next one, unless it has one. */
  keep(row: number): void {
    if (this.#places[row]! < 0) this.#places[row] = this.count++;
  }

  /** The place of a row, or of a new one (-1). */
  take(row: number): number {
    if (row < 0) return this.count++;
    this.keep(row);
    return this.placeOf(row);
  }

  /** Whether every row goes on, and stands where it stood. */
  get areInPlace(): boolean {
    return this.#places.every(isOwnPlace);
  }

  placeOf(row: number): number {
    return this.#places[row]!;
  }

  copyTo(target: Uint8Array, targetAt: number): void {
    for (let row = 0; row < this.#places.length; row += 1) {
      const place = this.#places[row]!;
      if (place < 0) continue;
      const [from, to] = [this.tableAt + row * this.rowBytes, targetAt + place * this.rowBytes];
      for (let i = 0; i < this.rowBytes; i += 1) target[to + i] = this.bytes[from + i]!;
    }
  }
}

function isOwnPlace(place: number, row: number): boolean {
  return place === row;
}
