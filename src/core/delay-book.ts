/**
 * How long messages took lately between the nodes: of this node's reads, and of its own and its peers' writes. What a
 * model of staleness draws from, each leg on its own.
 */
import { BoundedStaleness, type Delay, type Draw } from './bounded-staleness.js';

export interface NodeDelay extends Delay {
  readonly node: string;
}

/** How long one write took to each home replica. */
export interface TimedWrite {
  /** Acknowledgements before it was answered. */
  readonly required: number;
  readonly delays: readonly NodeDelay[];
}

/** Of each pair of nodes. */
const DELAYS_KEPT = 128;
const DRAWS = 400;
/** Models, one for each writer and set of home replicas, are made anew when they are older. */
const MODEL_LIFETIME_MS = 2_000;
const MODELS_MAX = 64;

/** The last so many of something. */
class Ring<T> {
  readonly #items: T[] = [];
  #added = 0;

  add(item: T): void {
    this.#items[this.#added % DELAYS_KEPT] = item;
    this.#added += 1;
  }

  /** One of them at random; there is one at least. */
  draw(unit: () => number): T {
    return this.#items[Math.floor(unit() * this.#items.length)]!;
  }
}

class Delays {
  readonly required = new Ring<number>();
  readonly #nodes = new Map<string, Ring<Delay>>();

  add(delays: readonly NodeDelay[]): void {
    for (const { node, there, back } of delays) {
      let ring = this.#nodes.get(node);
      if (ring === undefined) this.#nodes.set(node, (ring = new Ring()));
      ring.add({ there, back });
    }
  }

  /** undefined where one of the nodes is not known. */
  of(nodes: readonly string[]): readonly Ring<Delay>[] | undefined {
    const rings = nodes.map((node) => this.#nodes.get(node)).filter((ring) => ring !== undefined);
    return rings.length === nodes.length ? rings : undefined;
  }
}

export class DelayBook {
  readonly #reads = new Delays();
  readonly #writes = new Map<string, Delays>();
  readonly #models = new Map<string, { readonly model: BoundedStaleness; readonly madeAtMs: number }>();

  constructor(private readonly unit: () => number) {}

  addRead(delays: readonly NodeDelay[]): void {
    this.#reads.add(delays);
  }

  /** `writer`: the node that coordinated it. There are as many as nodes. */
  addWrite(writer: string, { required, delays }: TimedWrite): void {
    let writes = this.#writes.get(writer);
    if (writes === undefined) this.#writes.set(writer, (writes = new Delays()));
    writes.required.add(required);
    writes.add(delays);
  }

  /** For reads at the first of these home replicas of what this writer wrote; undefined: too little is known. */
  model(writer: string, homes: readonly string[], nowMs: number): BoundedStaleness | undefined {
    const name = [writer, ...homes].join(' ');
    const known = this.#models.get(name);
    if (known !== undefined && nowMs - known.madeAtMs < MODEL_LIFETIME_MS) return known.model;
    const draws = this.#draws(writer, homes);
    if (draws === undefined) return undefined;
    if (this.#models.size >= MODELS_MAX) this.#models.clear();
    const model = new BoundedStaleness(draws);
    this.#models.set(name, { model, madeAtMs: nowMs });
    return model;
  }

  #draws(writer: string, homes: readonly string[]): Draw[] | undefined {
    const written = this.#writes.get(writer);
    const [writes, reads] = [written?.of(homes), this.#reads.of(homes)];
    if (written === undefined || writes === undefined || reads === undefined) return undefined;
    const { unit } = this;
    return Array.from({ length: DRAWS }, () => ({
      required: written.required.draw(unit),
      writes: writes.map((ring) => ring.draw(unit)),
      reads: reads.map((ring) => ring.draw(unit)),
    }));
  }
}
