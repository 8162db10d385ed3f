/**
 * What is wrong with the links on purpose: single links cut or slowed, nodes slowed, and nodes drawn apart from the
 * others. Together they say what is to be done to each link; only what differs from before is done.
 */
import type { LinkFaults } from './ports.js';

export interface Link {
  readonly a: string;
  readonly b: string;
}

/** What is done to one link: cut, or this many milliseconds slower each way, 0 for nothing. */
export type LinkCondition = { readonly isCut: true } | { readonly isCut: false; readonly slowMs: number };

const FINE: LinkCondition = { isCut: false, slowMs: 0 };

export class FaultBoard {
  readonly links: readonly Link[];
  readonly #faults: LinkFaults | undefined;
  readonly #cut = new Set<string>();
  readonly #slowLinks = new Map<string, number>();
  readonly #slowNodes = new Map<string, number>();
  readonly #done = new Map<string, LinkCondition>();
  #apart: ReadonlySet<string> = new Set();

  constructor(nodes: readonly string[], faults: LinkFaults | undefined) {
    this.#faults = faults;
    this.links = nodes.flatMap((a, index) => nodes.slice(index + 1).map((b) => ({ a, b })));
    for (const { a, b } of this.links) this.#done.set(nameOf(a, b), FINE);
  }

  get apart(): readonly string[] {
    return [...this.#apart];
  }

  slowMsOf(node: string): number {
    return this.#slowNodes.get(node) ?? 0;
  }

  conditionOf({ a, b }: Link): LinkCondition {
    const name = nameOf(a, b);
    if (this.#cut.has(name) || this.#apart.has(a) !== this.#apart.has(b)) return { isCut: true };
    const slow = [this.#slowLinks.get(name), this.#slowNodes.get(a), this.#slowNodes.get(b)];
    return { isCut: false, slowMs: Math.max(0, ...slow.map((ms) => ms ?? 0)) };
  }

  async cut(a: string, b: string): Promise<void> {
    this.#cut.add(nameOf(a, b));
    await this.#apply();
  }

  /** Whatever was wrong with it alone; a partition that it crosses stays. */
  async mend(a: string, b: string): Promise<void> {
    this.#cut.delete(nameOf(a, b));
    this.#slowLinks.delete(nameOf(a, b));
    await this.#apply();
  }

  async slowLink(a: string, b: string, ms: number): Promise<void> {
    this.#slowLinks.set(nameOf(a, b), ms);
    await this.#apply();
  }

  /** Every link of the node; 0: no longer. */
  async slowNode(node: string, ms: number): Promise<void> {
    if (ms === 0) this.#slowNodes.delete(node);
    else this.#slowNodes.set(node, ms);
    await this.#apply();
  }

  /** Cuts every link between these nodes and the others; none: joins them again. */
  async drawApart(nodes: readonly string[]): Promise<void> {
    this.#apart = new Set(nodes);
    await this.#apply();
  }

  async heal(): Promise<void> {
    this.#cut.clear();
    this.#slowLinks.clear();
    this.#slowNodes.clear();
    await this.drawApart([]);
  }

  async #apply(): Promise<void> {
    const faults = this.#faults;
    if (faults === undefined) return;
    const changes = this.links.map(async (link) => {
      const { a, b } = link;
      const name = nameOf(a, b);
      const before = this.#done.get(name);
      const after = this.conditionOf(link);
      if (before !== undefined && isSame(before, after)) return;
      // What fails half way is unknown: the next change of any link tries this one again.
      this.#done.delete(name);
      if (after.isCut) await faults.cut(a, b);
      else {
        if (before?.isCut !== false || after.slowMs === 0) await faults.mend(a, b);
        if (after.slowMs > 0) await faults.slow(a, b, after.slowMs);
      }
      this.#done.set(name, after);
    });
    const failed = (await Promise.allSettled(changes)).find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

/** A link has no direction. */
export function nameOf(a: string, b: string): string {
  return a < b ? `${a}—${b}` : `${b}—${a}`;
}

function isSame(one: LinkCondition, other: LinkCondition): boolean {
  if (one.isCut || other.isCut) return one.isCut === other.isCut;
  return one.slowMs === other.slowMs;
}
