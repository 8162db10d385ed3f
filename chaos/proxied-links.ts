/** The Toxiproxy of one cluster and the links that run through it, from before the nodes start until they have ended. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Janitor } from '../cluster/janitor.js';
import type { Topology } from '../cluster/topology.js';
import { Network } from './network.js';
import { chooseToxiproxy, type ChosenToxiproxy } from './toxiproxy/toxiproxy-choice.js';

const REAPER = fileURLToPath(new URL('./toxiproxy/proxy-reaper.js', import.meta.url));

export interface ProxiedLinksOptions {
  /** Of the cluster file; absolute. */
  readonly folder: string;
  readonly use?: 'installed' | 'embedded' | undefined;
  /** Ends the proxies with this process, however it ends; undefined: they live on by themselves. */
  readonly janitor: Janitor | undefined;
}

export class ProxiedLinks {
  readonly toxiproxy: ChosenToxiproxy;
  readonly #janitor: Janitor | undefined;
  #network: Network | undefined;

  private constructor(toxiproxy: ChosenToxiproxy, janitor: Janitor | undefined) {
    this.toxiproxy = toxiproxy;
    this.#janitor = janitor;
  }

  static async open({ folder, use, janitor }: ProxiedLinksOptions): Promise<ProxiedLinks> {
    const logFile = join(folder, 'toxiproxy.log');
    const toxiproxy = await chooseToxiproxy({ use, withParent: janitor !== undefined, logFile });
    if (toxiproxy.process !== undefined) janitor?.watch(toxiproxy.process);
    return new ProxiedLinks(toxiproxy, janitor);
  }

  /** The proxies of the last {@link rewire}. */
  get network(): Network {
    if (this.#network === undefined) throw new Error('the links have not been laid yet');
    return this.#network;
  }

  /** Lays the links, instead of those there were; the topology says where everybody is reached now. */
  async rewire(topology: Topology): Promise<Topology> {
    await this.#network?.close();
    if (this.toxiproxy.kind === 'given' && this.#janitor !== undefined) reapLater(this.toxiproxy.url, topology.name);
    this.#network = await Network.create(this.toxiproxy.url, topology);
    return { ...this.#network.rewire(topology), chaos: true };
  }

  /** Ends the proxies, and the server if it was started here. */
  async close(): Promise<void> {
    if (this.toxiproxy.process !== undefined) return this.toxiproxy.process.stop();
    await this.#network?.close().catch(() => undefined);
  }
}

/** Removes the proxies of a cluster from a server that lives on, once this process has ended. */
function reapLater(url: string, cluster: string): void {
  const child = spawn(process.execPath, [REAPER, url, cluster], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  child.stdin.on('error', () => undefined);
  child.on('error', () => undefined);
}
