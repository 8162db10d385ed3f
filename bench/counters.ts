/**
 * Counters that are incremented by compare-and-set, and counted again afterwards: none may lose an increment. Each
 * caller is a client of its own, as if in a process of its own, since updates by one client take turns.
 */
import { FulcrumError } from '../src/core/errors.js';
import type { Client } from '../src/index.js';
import type { Operations } from './closed-loop.js';
import { SeededRandom } from '../chaos/measure/seeded-random.js';

/** Acknowledged, but not in any counter. */
export const LOST_INCREMENT = 'LOST_INCREMENT';
/** In a counter, but neither acknowledged nor of unknown outcome. */
export const EXTRA_INCREMENT = 'EXTRA_INCREMENT';

/** On one key most attempts meet another writer: only the time limits them. */
const UPDATE = { attempts: 100_000, timeoutMs: 30_000 } as const;

/** Which counters, and how large the value of each is: the count, and bytes that mean nothing. */
export interface CounterPlan {
  /** No more may be under way at once. */
  readonly callers: number;
  readonly counters: number;
  readonly valueBytes: number;
  readonly seed: number;
}

export class Counters implements Operations {
  readonly #clients: readonly Client[];
  /** Those without an increment under way. */
  readonly #free: Client[];
  readonly #keys: readonly string[];
  readonly #padding: string;
  readonly #random: SeededRandom;
  #before = 0;
  #acknowledged = 0;
  #unknown = 0;

  private constructor(clients: readonly Client[], { counters, valueBytes, seed }: CounterPlan) {
    this.#clients = clients;
    this.#free = [...clients];
    this.#keys = Array.from({ length: counters }, (_, index) => `counter-${counters}-${valueBytes}-${index}`);
    this.#padding = '.'.repeat(valueBytes);
    this.#random = new SeededRandom(seed);
  }

  /** Counters go on from where an earlier run left them. */
  static async prepare(connect: () => Promise<Client>, plan: CounterPlan): Promise<Counters> {
    const counters = new Counters(await Promise.all(Array.from({ length: plan.callers }, connect)), plan);
    counters.#before = await counters.#sum();
    return counters;
  }

  async start(): Promise<unknown> {
    const key = this.#keys[this.#keys.length === 1 ? 0 : this.#random.below(this.#keys.length)]!;
    const client = this.#free.pop()!;
    try {
      const result = await client.update<string>(key, (value) => this.#next(value), UPDATE);
      this.#acknowledged += 1;
      return result;
    } catch (error) {
      if (!(error instanceof FulcrumError) || !error.definite) this.#unknown += 1;
      throw error;
    } finally {
      this.#free.push(client);
    }
  }

  isRight(result: unknown): boolean {
    return (result as { changed: boolean }).changed;
  }

  /** Errors by code, as a measure has them; empty where every increment is accounted for. */
  async audit(): Promise<Record<string, number>> {
    const counted = (await this.#sum()) - this.#before;
    await Promise.all(this.#clients.map((client) => client.close()));
    const lost = Math.max(0, this.#acknowledged - counted);
    const extra = Math.max(0, counted - this.#acknowledged - this.#unknown);
    return { ...(lost > 0 && { [LOST_INCREMENT]: lost }), ...(extra > 0 && { [EXTRA_INCREMENT]: extra }) };
  }

  #next(value: string | undefined): string {
    const count = String(countOf(value) + 1);
    return count + this.#padding.slice(count.length);
  }

  async #sum(): Promise<number> {
    const entries = await this.#clients[0]!.getMany<string>(this.#keys, { level: 'QUORUM', timeoutMs: 30_000 });
    let sum = 0;
    for (const entry of entries) {
      if (!entry.ok) throw entry.error;
      sum += countOf(entry.result.value);
    }
    return sum;
  }
}

function countOf(value: string | undefined): number {
  return value === undefined ? 0 : parseInt(value, 10);
}
