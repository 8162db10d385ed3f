/** A client and its upstream, with a link each way. */
import { connect, type Socket } from 'node:net';
import type { HostPort } from './addresses.js';
import { Link } from './link.js';
import type { Direction, Toxic } from './toxic.js';

export interface ConnectionOptions {
  readonly upstream: HostPort | undefined;
  /** Those of the proxy at this moment, in order. */
  readonly toxics: (direction: Direction) => readonly Toxic[];
  readonly received: (direction: Direction, bytes: number) => void;
  readonly sent: (direction: Direction, bytes: number) => void;
  /** Called once both sockets are closed. */
  readonly closed: () => void;
}

export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #options: ConnectionOptions;
  /** Absent until the upstream has answered. */
  #links: Readonly<Record<Direction, Link>> | undefined;
  #resets = false;
  #isOver = false;

  /** `client`: paused, so that nothing is read before the upstream has answered. */
  constructor(client: Socket, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    this.#upstream = connect({ host: '127.0.0.1', port: 0, ...options.upstream, allowHalfOpen: true });
    for (const socket of [client, this.#upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#gone());
    }
    this.#upstream.once('connect', () => this.#start());
  }

  async add(toxic: Toxic): Promise<void> {
    await this.#links?.[toxic.direction].add(toxic);
  }

  async update(toxic: Toxic): Promise<void> {
    await this.#links?.[toxic.direction].update(toxic);
  }

  async remove(toxic: Toxic): Promise<void> {
    await this.#links?.[toxic.direction].remove(toxic);
  }

  /** Ends both sockets at once. */
  close(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #start(): void {
    if (this.#client.destroyed) return this.close();
    const { toxics } = this.#options;
    this.#resets = [...toxics('upstream'), ...toxics('downstream')].some(({ kind }) => kind.resets === true);
    this.#links = {
      upstream: this.#link('upstream', this.#client, this.#upstream),
      downstream: this.#link('downstream', this.#upstream, this.#client),
    };
    this.#client.resume();
  }

  #link(direction: Direction, source: Socket, target: Socket): Link {
    const { toxics, received, sent } = this.#options;
    return new Link({
      source,
      target,
      toxics: toxics(direction),
      end: (socket) => this.#end(socket),
      received: (bytes) => received(direction, bytes),
      sent: (bytes) => sent(direction, bytes),
    });
  }

  /** Closed in both directions, as the real one does: the other link sees its source end. */
  #end(socket: Socket): void {
    if (this.#resets) socket.resetAndDestroy();
    else socket.destroySoon();
  }

  /** One socket is closed. Before there are links nothing else ends the other one. */
  #gone(): void {
    if (this.#links === undefined) this.close();
    if (this.#isOver || !this.#client.destroyed || !this.#upstream.destroyed) return;
    this.#isOver = true;
    this.#options.closed();
  }
}
