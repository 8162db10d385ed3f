/** One proxy: listens, and passes every connection on to its upstream through the toxics it has. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { listenAddress, textOf, upstreamAddress } from './addresses.js';
import { ApiError } from './api-error.js';
import { Connection } from './connection.js';
import type { ByteCounts } from './byte-counts.js';
import { ToxicChain, viewOf, type ToxicView } from './toxic-chain.js';
import type { Toxic } from './toxic.js';

export interface ProxyPlace {
  readonly listen: string;
  readonly upstream: string;
}

/** In JSON. The real one shows its logger too, which is always empty. */
export interface ProxyView extends ProxyPlace {
  readonly name: string;
  readonly enabled: boolean;
  readonly Logger: object;
  readonly toxics: readonly ToxicView[];
}

export class Proxy {
  readonly name: string;
  readonly toxics = new ToxicChain();
  readonly #bytes: ByteCounts;
  readonly #connections = new Set<Connection>();
  #place: ProxyPlace;
  #server: Server | undefined;

  constructor(name: string, place: ProxyPlace, bytes: ByteCounts) {
    this.name = name;
    this.#place = place;
    this.#bytes = bytes;
  }

  get place(): ProxyPlace {
    return this.#place;
  }

  get enabled(): boolean {
    return this.#server !== undefined;
  }

  get view(): ProxyView {
    const { name, enabled, toxics } = this;
    return { name, ...this.#place, enabled, Logger: {}, toxics: toxics.all.map(viewOf) };
  }

  /** Whether it would listen or connect elsewhere there. Throws where that is no address. */
  differs({ listen, upstream }: ProxyPlace): boolean {
    return this.#place.listen !== textOf(listenAddress(listen)) || this.#place.upstream !== upstream;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const { host, port } = listenAddress(this.#place.listen);
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      const connection: Connection = new Connection(client, {
        upstream: upstreamAddress(this.#place.upstream),
        toxics: (direction) => this.toxics.of(direction),
        received: (direction, bytes) => this.#bytes.received(this, direction, bytes),
        sent: (direction, bytes) => this.#bytes.sent(this, direction, bytes),
        closed: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
    });
    try {
      server.listen({ host, port, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      throw new ApiError(`listen tcp ${textOf({ host, port })}: bind: ${reasonOf(error)}`, 500);
    }
    this.#server = server;
    this.#place = { ...this.#place, listen: textOf({ host, port: (server.address() as AddressInfo).port }) };
  }

  /** Ends its connections too. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    for (const connection of this.#connections) connection.close();
    server.close();
    await once(server, 'close');
  }

  async update(place: ProxyPlace, enabled: boolean): Promise<void> {
    if (this.differs(place)) {
      await this.stop();
      this.#place = place;
    }
    if (enabled) await this.start();
    else await this.stop();
  }

  async addToxic(body: unknown): Promise<Toxic> {
    const toxic = this.toxics.add(body);
    await Promise.all([...this.#connections].map((connection) => connection.add(toxic)));
    return toxic;
  }

  async updateToxic(name: string, body: unknown): Promise<Toxic> {
    const toxic = this.toxics.update(name, body);
    await Promise.all([...this.#connections].map((connection) => connection.update(toxic)));
    return toxic;
  }

  async removeToxic(name: string): Promise<void> {
    await this.#detach(this.toxics.remove(name));
  }

  async resetToxics(): Promise<void> {
    for (const toxic of this.toxics.clear()) await this.#detach(toxic);
  }

  async #detach(toxic: Toxic): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.remove(toxic)));
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' ? 'address already in use' : message;
}
