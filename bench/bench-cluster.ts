/** The cluster under measurement, with a client of the SDK and one that echoes. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type LocalCluster, type StartClusterOptions } from '../cluster/index.js';
import { GrpcPipeTransport } from '../src/adapters/grpc-pipe.js';
import { systemClock } from '../src/adapters/system-clock.js';
import { systemRandom } from '../src/adapters/system-random.js';
import { EchoClient } from '../src/client/echo.js';
import type { Client } from '../src/index.js';
import { KeySpace } from './key-space.js';
import type { MeasuredProcess } from './measure.js';
import { Values } from './operations.js';

/** What the keys of one value size may hold together: they stay in the caches of the nodes. */
const LOADED_BYTES_MAX = 128 * 1024 * 1024;
const LOAD_BATCH_BYTES = 4 * 1024 * 1024;
const LOAD_BATCH_KEYS = 1024;
/** A busy machine may lose sight of a node for a while; loading is no measure and can wait. */
const LOAD_PATIENCE_MS = 30_000;
const LOAD_PAUSE_MS = 250;

/** Every key of one size has a value when this exists. */
export interface DataSet {
  readonly space: KeySpace;
  /** None of these has a value but those that were taken; as many would have been loaded before them. */
  readonly unused: KeySpace;
  readonly values: Values;
}

export class BenchCluster implements AsyncDisposable {
  readonly #dataSets = new Map<number, DataSet>();

  private constructor(
    readonly cluster: LocalCluster,
    readonly client: Client,
    readonly echo: EchoClient,
  ) {}

  static async start(options: StartClusterOptions): Promise<BenchCluster> {
    const cluster = await startCluster(options);
    try {
      const parts = { transport: new GrpcPipeTransport(), clock: systemClock };
      const self = { node: 'bench-echo', incarnation: systemRandom.hex64() };
      const echo = await EchoClient.open(cluster.addresses, { ...parts, client: self });
      return new BenchCluster(cluster, await cluster.connect({ name: 'bench' }), echo);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get processes(): readonly MeasuredProcess[] {
    const nodes = this.cluster.nodes.map(({ id, pid }) => ({ name: id, pid }));
    return [{ name: 'client', pid: process.pid }, ...nodes];
  }

  get folder(): string {
    return dirname(this.cluster.file);
  }

  /** Throws where a node has ended, with the last thing it said: what is measured without it is something else. */
  checkNodes(): void {
    const ended = this.cluster.nodes.find(({ running }) => !running);
    if (ended === undefined) return;
    const lastWords = readFileSync(join(ended.folder, 'node.log'), 'utf8').trimEnd().split('\n').at(-1);
    throw new Error(`Node ${ended.id} ended during the run. Its log ends with: ${lastWords}`);
  }

  /** Stores a value under every key of this size; the second time there is nothing to do. */
  async load(valueBytes: number, keys: number, seed: number): Promise<DataSet> {
    const known = this.#dataSets.get(valueBytes);
    if (known !== undefined) return known;
    const space = new KeySpace(keysThatFit(keys, valueBytes), valueBytes);
    const names = Array.from({ length: space.count }, (_, index) => space.name(index));
    const values = new Values(valueBytes, seed);
    const batch = Math.max(1, Math.min(LOAD_BATCH_KEYS, Math.floor(LOAD_BATCH_BYTES / valueBytes)));
    for (let first = 0; first < names.length; first += batch) {
      await this.#store(names.slice(first, first + batch), values);
    }
    const dataSet = { space, unused: new KeySpace(space.count, valueBytes, 'new'), values };
    this.#dataSets.set(valueBytes, dataSet);
    return dataSet;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.echo.close();
    await this.cluster.stop();
  }

  async #store(names: readonly string[], values: Values): Promise<void> {
    const giveUpMs = performance.now() + LOAD_PATIENCE_MS;
    for (let missing = names; missing.length > 0;) {
      const entries = await this.client.putMany(
        missing.map((key) => ({ key, value: values.next() })),
        { level: 'QUORUM' },
      );
      const failed = entries.filter((entry) => !entry.ok);
      if (failed.length > 0 && performance.now() >= giveUpMs) throw failed[0]!.error;
      this.checkNodes();
      if (failed.length > 0) await sleep(LOAD_PAUSE_MS);
      missing = failed.map(({ key }) => key);
    }
  }
}

/** Fewer where the values are large, but never none. */
export function keysThatFit(keys: number, valueBytes: number): number {
  return Math.max(1, Math.min(keys, Math.floor(LOADED_BYTES_MAX / valueBytes)));
}
