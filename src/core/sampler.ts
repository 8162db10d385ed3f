/**
 * Which requests are sampled: each with the same chance, and no more than a number each second. The distance to the
 * next one is drawn (it is geometrically distributed), so that all the others cost one subtraction.
 */
export class Sampler {
  #left: number;
  #allowed: number;

  constructor(
    /** 0 to 1; 0: none. */
    readonly share: number,
    private readonly perSecondMax: number,
    /** From 0 to 1, 1 excluded. */
    private readonly unit: () => number,
  ) {
    this.#left = share > 0 ? this.#distance() : Infinity;
    this.#allowed = perSecondMax;
  }

  /** For each request. */
  takes(): boolean {
    this.#left -= 1;
    if (this.#left > 0) return false;
    this.#left = this.#distance();
    if (this.#allowed === 0) return false;
    this.#allowed -= 1;
    return true;
  }

  /** Another second has begun. */
  second(): void {
    this.#allowed = this.perSecondMax;
  }

  #distance(): number {
    return this.share >= 1 ? 1 : Math.floor(Math.log(1 - this.unit()) / Math.log(1 - this.share)) + 1;
  }
}
