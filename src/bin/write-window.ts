import { FulcrumError } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Client } from '../index.js';
import type { Pair } from './ndjson-line.js';

/** Many writes under way at once, but one after the other where they have the same key: the last line wins. */
export class WriteWindow {
  readonly #client: Client;
  readonly #most: number;
  readonly #level: Level | undefined;
  readonly #underWay = new Map<string, Promise<void>>();
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  written = 0;

  constructor(client: Client, most: number, level: Level | undefined) {
    this.#client = client;
    this.#most = most;
    this.#level = level;
  }

  /** Resolves once the write is under way. Throws what an earlier write failed with. */
  async write(line: number, pair: Pair): Promise<void> {
    await this.#underWay.get(pair.key);
    while (this.#underWay.size >= this.#most) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure !== undefined) throw this.#failure;
    this.#underWay.set(pair.key, this.#put(line, pair));
  }

  /** Waits for every write. Throws what the first failed one failed with. */
  async finish(): Promise<void> {
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for every write, whatever becomes of it. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #put(line: number, { key, value }: Pair): Promise<void> {
    try {
      await this.#client.put(key, value, { level: this.#level });
      this.written += 1;
    } catch (error) {
      this.#failure ??= at(line, error);
    } finally {
      this.#underWay.delete(key);
      this.#wake?.();
      this.#wake = undefined;
    }
  }
}

function at(line: number, error: unknown): Error {
  if (!(error instanceof FulcrumError)) return error as Error;
  return new FulcrumError({ ...error.toJSON(), message: `Line ${line}: ${error.message}.` }, { cause: error });
}
