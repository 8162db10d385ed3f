/** Three processes of the floor on this machine, and a client of them that does as little as they do. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DialledStreams } from '../../src/adapters/dialled-streams.js';
import { hashText } from '../../src/core/hash.js';
import type { MeasuredProcess } from '../measure.js';
import { decodeItems, decodeNumbers, encodeItems, FLOOR_PATH, KIND, kindOf, type FloorItem } from './floor-frames.js';

const ENTRY = fileURLToPath(new URL('./floor-node.js', import.meta.url));
const PROCESSES = 3;

export class FloorCluster implements AsyncDisposable {
  readonly #pipes: readonly FloorPipe[];

  private constructor(
    private readonly folder: string,
    private readonly children: readonly ChildProcess[],
    addresses: readonly string[],
  ) {
    this.#pipes = addresses.map((address) => new FloorPipe(address));
  }

  /** `recordBytes`: what is written for each key. */
  static async start(recordBytes: number): Promise<FloorCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'fulcrum-floor-'));
    const children = Array.from({ length: PROCESSES }, (_, index) =>
      fork(ENTRY, [join(folder, String(index)), String(recordBytes)]),
    );
    try {
      const addresses = await Promise.all(children.map(addressOf));
      for (const [index, child] of children.entries()) child.send(addresses.filter((_, other) => other !== index));
      return new FloorCluster(folder, children, addresses);
    } catch (error) {
      await end(children, folder);
      throw error;
    }
  }

  get processes(): readonly MeasuredProcess[] {
    const nodes = this.children.map(({ pid }, index) => ({ name: `f${index + 1}`, pid: pid! }));
    return [{ name: 'client', pid: process.pid }, ...nodes];
  }

  /** Resolves when it is on the disks of two of the three. */
  put(key: string, value: Uint8Array): Promise<unknown> {
    return this.#pipeOf(key).ask(KIND.puts, key, value);
  }

  /** The value, once one other process has looked it up as well. */
  read(key: string): Promise<unknown> {
    return this.#pipeOf(key).ask(KIND.reads, key, NOTHING);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pipe of this.#pipes) pipe.close();
    await end(this.children, this.folder);
  }

  #pipeOf(key: string): FloorPipe {
    return this.#pipes[hashText(key) % PROCESSES]!;
  }
}

const NOTHING = new Uint8Array(0);

/** Batches as the SDK's pipes do. */
class FloorPipe {
  readonly #streams: DialledStreams;
  readonly #waiters = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #queues = new Map<number, FloorItem[]>();
  #lastId = 0;

  constructor(address: string) {
    this.#streams = new DialledStreams({
      address,
      path: FLOOR_PATH,
      hello: () => encodeItems(KIND.puts, []),
      received: (frame) => this.#received(frame),
      closed: (reason) => {
        for (const waiter of this.#waiters.values()) waiter.reject(reason);
      },
    });
  }

  ask(kind: number, key: string, value: Uint8Array): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#lastId = (this.#lastId + 1) >>> 0;
      this.#waiters.set(this.#lastId, { resolve, reject });
      const item = { id: this.#lastId, key, value };
      const queue = this.#queues.get(kind);
      if (queue !== undefined) queue.push(item);
      else if (this.#queues.set(kind, [item]).size === 1) setImmediate(() => this.#flush());
    });
  }

  close(): void {
    this.#streams.close();
  }

  #flush(): void {
    const queues = this.#queues;
    this.#queues = new Map();
    for (const [kind, items] of queues) this.#streams.send(encodeItems(kind, items), false);
  }

  #received(frame: Buffer): void {
    if (kindOf(frame) === KIND.done) for (const id of decodeNumbers(frame)) this.#settle(id, {});
    else for (const { id, value } of decodeItems(frame)) this.#settle(id, { found: true, value });
  }

  #settle(id: number, result: unknown): void {
    this.#waiters.get(id)?.resolve(result);
    this.#waiters.delete(id);
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process of the floor ended before it could be reached');
  });
  const [address] = (await Promise.race([once(child, 'message'), ended])) as [string];
  ended.catch(() => undefined);
  return address;
}

async function end(children: readonly ChildProcess[], folder: string): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }),
  );
  await rm(folder, { recursive: true, force: true });
}
