/** The operations of each workload, on the SDK, on echoes, and on nothing. */
import type { EchoClient } from '../src/client/echo.js';
import type { Client } from '../src/index.js';
import type { Operations } from './closed-loop.js';
import type { KeyPicks } from './key-picks.js';
import { SeededRandom } from '../chaos/measure/seeded-random.js';
import type { Workload } from './workloads.js';

const VALUES = 64;
/** YCSB's workload E: from 1 to this many, equally often. */
const SCANNED_ITEMS_MAX = 100;

/** Values of one size, with content that does not compress, taken in turn. */
export class Values {
  readonly #values: readonly Uint8Array[];
  #next = 0;

  constructor(
    readonly bytes: number,
    seed: number,
  ) {
    const random = new SeededRandom(seed);
    const block = Uint8Array.from({ length: bytes + VALUES }, () => random.below(256));
    this.#values = Array.from({ length: VALUES }, (_, index) => block.subarray(index, index + bytes));
  }

  next(): Uint8Array {
    this.#next = (this.#next + 1) % VALUES;
    return this.#values[this.#next]!;
  }
}

/** What operations draw from. */
export interface Material {
  readonly keys: KeyPicks;
  readonly values: Values;
  readonly seed: number;
}

export function clientOperations(client: Client, workload: Workload, { keys, values, seed }: Material): Operations {
  const random = new SeededRandom(seed);
  const options = workload.level === null ? {} : { level: workload.level };
  const get = (): Promise<unknown> => client.get(keys.next(), options);
  const put = (): Promise<unknown> => client.put(keys.next(), values.next(), options);
  const modify = async (): Promise<unknown> => {
    const key = keys.next();
    const read = await client.get(key, options);
    return isStored(read, values.bytes) ? client.put(key, values.next(), options) : read;
  };
  const insert = async (): Promise<unknown> => {
    const index = keys.space.take();
    const result = await client.put(keys.space.name(index), values.next(), options);
    keys.space.stored(index);
    return result;
  };
  const scan = (): Promise<unknown> =>
    client.page({ ...options, from: keys.next(), limit: 1 + random.below(SCANNED_ITEMS_MAX) });
  const { reads, updates, inserts, scans, modifies } = workload;
  const start = chosen(random, [
    [reads, get],
    [updates, put],
    [inserts, insert],
    [scans, scan],
    [modifies, modify],
  ]);
  return { start, isRight: (result) => isStored(result, values.bytes) };
}

type Start = () => Promise<unknown>;

/** One of them by its share; where one has all of it, that one. */
function chosen(random: SeededRandom, shares: readonly (readonly [number, Start])[]): Start {
  const used = shares.filter(([share]) => share > 0);
  const last = used.at(-1)![1];
  if (used.length === 1) return last;
  return () => {
    let choice = random.unit();
    for (const [share, start] of used) {
      if (choice < share) return start();
      choice -= share;
    }
    return last();
  };
}

/** Keys and values as the workloads of the same size have them, there and back. */
export function echoOperations(echo: EchoClient, { keys, values }: Omit<Material, 'seed'>): Operations {
  return { start: () => echo.echo(keys.next(), values.next()), isRight: () => true };
}

/** Answers everything at the end of the turn of the event loop, as a pipe would: what remains is the driver. */
export function noOperations({ keys, values }: Omit<Material, 'seed'>): Operations {
  let waiting: (() => void)[] = [];
  const answer = (): void => {
    const answered = waiting;
    waiting = [];
    for (const resolve of answered) resolve();
  };
  const start = (): Promise<void> =>
    new Promise((resolve) => {
      keys.next();
      values.next();
      if (waiting.push(resolve) === 1) setImmediate(answer);
    });
  return { start, isRight: () => true };
}

/** The result of a put, of a get that found a value of this size, or of a page of such values. */
function isStored(result: unknown, valueBytes: number): boolean {
  const { found, value, items } = result as { found?: boolean; value?: Uint8Array; items?: { value: Uint8Array }[] };
  if (items !== undefined) return items.length > 0 && items.every((item) => item.value.length === valueBytes);
  return found === undefined || value?.length === valueBytes;
}
