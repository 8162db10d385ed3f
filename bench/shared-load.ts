/** The same calls by several clients, each with as many under way: who answered them, and how long nobody did. */
import { SeededRandom } from '../chaos/measure/seeded-random.js';
import type { Client } from '../src/index.js';
import type { Operations } from './closed-loop.js';
import type { Material } from './operations.js';

export interface LoadCounts {
  /** Calls by the node that carried them out; with more nodes than replicas, not always the one that was asked. */
  readonly callsByNode: Readonly<Record<string, number>>;
  readonly failed: number;
  /** The longest time for which one client was given no answer, in milliseconds. */
  readonly longestStallMs: number;
}

interface Caller {
  readonly client: Client;
  answeredMs: number;
}

/** Half gets at ONE, half puts at QUORUM. To be run with `concurrency` under way. */
export class SharedLoad implements Operations {
  readonly concurrency: number;
  readonly #callers: readonly Caller[];
  /** Each as often as it may have calls under way: whoever has been answered calls next. */
  readonly #free: Caller[];
  readonly #material: Material;
  readonly #random: SeededRandom;
  #callsByNode: Record<string, number> = {};
  #failed = 0;
  #longestStallMs = 0;

  constructor(clients: readonly Client[], callsEach: number, material: Material) {
    this.#callers = clients.map((client) => ({ client, answeredMs: 0 }));
    this.#free = Array.from({ length: callsEach }, () => this.#callers).flat();
    this.concurrency = this.#free.length;
    this.#material = material;
    this.#random = new SeededRandom(material.seed);
  }

  /** Forgets what was counted before. */
  begin(nodes: readonly string[]): void {
    this.#callsByNode = Object.fromEntries(nodes.map((node) => [node, 0]));
    this.#failed = 0;
    this.#longestStallMs = 0;
    const nowMs = performance.now();
    for (const caller of this.#callers) caller.answeredMs = nowMs;
  }

  /** Since the beginning; whoever still waits has waited until now. */
  end(): LoadCounts {
    const nowMs = performance.now();
    for (const caller of this.#callers) this.#answered(caller, nowMs);
    return { callsByNode: this.#callsByNode, failed: this.#failed, longestStallMs: this.#longestStallMs };
  }

  async start(): Promise<unknown> {
    const caller = this.#free.pop()!;
    try {
      const result = await this.#call(caller.client);
      const { coordinator } = result.receipt;
      this.#callsByNode[coordinator] = (this.#callsByNode[coordinator] ?? 0) + 1;
      this.#answered(caller, performance.now());
      return result;
    } catch (error) {
      this.#failed += 1;
      throw error;
    } finally {
      this.#free.push(caller);
    }
  }

  isRight(result: unknown): boolean {
    const { found } = result as { found?: boolean };
    return found !== false;
  }

  #call(client: Client): Promise<{ readonly receipt: { readonly coordinator: string } }> {
    const { keys, values } = this.#material;
    const key = keys.next();
    if (this.#random.unit() < 0.5) return client.get(key, { level: 'ONE' });
    return client.put(key, values.next(), { level: 'QUORUM' });
  }

  #answered(caller: Caller, nowMs: number): void {
    this.#longestStallMs = Math.max(this.#longestStallMs, nowMs - caller.answeredMs);
    caller.answeredMs = nowMs;
  }
}
