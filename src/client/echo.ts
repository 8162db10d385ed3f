/** Sends bytes to nodes and waits until they are back: the ceiling that the benchmark measures calls against. */
import type { ProcessId } from '../core/ballot.js';
import type { Clock } from '../ports/clock.js';
import type { Pipe, PipeEvents, PipeTransport } from '../ports/pipe.js';

export interface EchoParts {
  readonly transport: PipeTransport;
  readonly clock: Clock;
  readonly client: ProcessId;
}

/** Batches as calls are batched; routes in turn; no retries and no timeouts. */
export class EchoClient {
  readonly #pipes: EchoPipe[];
  #next = 0;

  private constructor(pipes: EchoPipe[]) {
    this.#pipes = pipes;
  }

  /** Rejects where one of the addresses cannot be reached. */
  static async open(addresses: readonly string[], parts: EchoParts): Promise<EchoClient> {
    const client = new EchoClient(addresses.map((address) => new EchoPipe(address, parts)));
    try {
      await Promise.all(client.#pipes.map((pipe) => pipe.opening));
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** Rejects when the pipe is lost. */
  echo(key: string, value: Uint8Array): Promise<void> {
    const pipe = this.#pipes[this.#next]!;
    this.#next = (this.#next + 1) % this.#pipes.length;
    return pipe.echo(key, value);
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.close();
  }
}

interface Echo {
  readonly id: number;
  readonly key: string;
  readonly value: Uint8Array;
}

interface EchoWaiter {
  resolve(): void;
  reject(error: Error): void;
}

class EchoPipe implements PipeEvents {
  readonly opening: Promise<void>;
  readonly #clock: Clock;
  readonly #pipe: Pipe;
  readonly #waiters = new Map<number, EchoWaiter>();
  #queue: Echo[] = [];
  #nextId = 1;
  #lost: Error | undefined;
  #settleOpening: EchoWaiter | undefined;

  constructor(address: string, { transport, clock, client }: EchoParts) {
    this.#clock = clock;
    this.opening = new Promise((resolve, reject) => {
      this.#settleOpening = { resolve, reject };
    });
    this.#pipe = transport.open(address, client, this);
  }

  echo(key: string, value: Uint8Array): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#waiters.set(id, { resolve, reject });
      if (this.#queue.push({ id, key, value }) === 1) this.#clock.defer(this.#flush);
    });
  }

  close(): void {
    this.#pipe.close();
    this.closed(new Error('the echo client was closed'));
  }

  opened(): void {
    this.#settleOpening?.resolve();
  }

  changed(): void {}

  replied(): void {}

  echoed(ids: readonly number[]): void {
    for (const id of ids) {
      this.#waiters.get(id)?.resolve();
      this.#waiters.delete(id);
    }
  }

  closed(reason: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#settleOpening?.reject(reason);
    for (const waiter of this.#waiters.values()) waiter.reject(reason);
    this.#waiters.clear();
  }

  readonly #flush = (): void => {
    const batch = this.#queue;
    this.#queue = [];
    if (this.#lost === undefined) this.#pipe.echo(batch);
  };
}
