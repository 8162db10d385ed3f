/**
 * What is under way, by consecutive numbers.
 *
 * Not a Map: a Map that lives long and churns leaves dead tables behind in the old generation, and each of them
 * keeps alive all that was in it when it was rebuilt. Under load that was most of what was ever put in.
 */
const SLOTS_MIN = 256;

interface Numbered<T> {
  readonly id: number;
  readonly value: T;
}

export class IdTable<T> {
  #slots: (Numbered<T> | undefined)[] = new Array<Numbered<T> | undefined>(SLOTS_MIN).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    const slot = this.#slots[id & (this.#slots.length - 1)];
    return slot?.id === id ? slot.value : undefined;
  }

  /** `id` must not be in the table. */
  add(id: number, value: T): void {
    while (this.#slots[id & (this.#slots.length - 1)] !== undefined) this.#grow();
    this.#slots[id & (this.#slots.length - 1)] = { id, value };
    this.#size += 1;
  }

  delete(id: number): void {
    const at = id & (this.#slots.length - 1);
    if (this.#slots[at]?.id !== id) return;
    this.#slots[at] = undefined;
    this.#size -= 1;
  }

  /** In the order of their numbers. */
  entries(): [id: number, value: T][] {
    const found = this.#slots.filter((slot) => slot !== undefined).map(({ id, value }): [number, T] => [id, value]);
    return found.sort(([a], [b]) => a - b);
  }

  clear(): void {
    this.#slots.fill(undefined);
    this.#size = 0;
  }

  /** Doubles until no two share a slot, which consecutive numbers reach soon. */
  #grow(): void {
    const before = this.#slots;
    let length = before.length;
    for (let placed = false; !placed;) {
      length *= 2;
      const slots = new Array<Numbered<T> | undefined>(length).fill(undefined);
      placed = before.every((slot) => {
        if (slot === undefined) return true;
        if (slots[slot.id & (length - 1)] !== undefined) return false;
        slots[slot.id & (length - 1)] = slot;
        return true;
      });
      this.#slots = slots;
    }
  }
}
