/** Writes numbered keys until told to stop, and remembers exactly what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FulcrumError, type Client, type Level } from '../../src/index.js';
import { PAUSE_MS } from './calls-through.js';

const READ_ROUNDS_MAX = 10;

export class Writer {
  /** Key to the value acknowledged last. */
  readonly acknowledged = new Map<string, string>();
  /** Errors by code. */
  readonly refused = new Map<string, number>();
  #next = 0;

  constructor(
    private readonly client: Client,
    private readonly prefix: string,
    private readonly level: Level,
  ) {}

  /** Keeps `concurrency` writes going until `enough` were acknowledged; errors are counted and passed over. */
  async run(enough: number, concurrency: number): Promise<void> {
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (this.acknowledged.size < enough) await this.#writeOne();
      }),
    );
  }

  /**
   * The acknowledged keys whose value is not there, as a consistent reader sees it. Keys that a stalling machine did
   * not let it read are read again, some times.
   */
  async lost(reader: Client): Promise<string[]> {
    let unread = [...this.acknowledged.keys()];
    const lost: string[] = [];
    for (let round = 1; unread.length > 0; round += 1) {
      const entries = await reader.getMany(unread, { level: 'QUORUM', timeoutMs: 30_000 });
      unread = [];
      for (const entry of entries) {
        if (entry.ok && entry.result.value !== this.acknowledged.get(entry.key)) lost.push(entry.key);
        else if (!entry.ok && round < READ_ROUNDS_MAX) unread.push(entry.key);
        else if (!entry.ok) lost.push(`${entry.key}: ${entry.error.code} ${entry.error.message}`);
      }
    }
    return lost;
  }

  async #writeOne(): Promise<void> {
    const number = this.#next++;
    const key = `${this.prefix}${number}`;
    try {
      await this.client.put(key, `value ${number}`, { level: this.level });
      this.acknowledged.set(key, `value ${number}`);
    } catch (error) {
      if (!(error instanceof FulcrumError)) throw error;
      this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
      await sleep(PAUSE_MS);
    }
  }
}
