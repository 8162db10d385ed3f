/** A client's connection and the one to its node: bytes pass both ways until both have ended. */
import type { Socket } from 'node:net';
import { L4_KEEPALIVE_MS } from '../core/defaults.js';

export interface L4Bytes {
  /** Received from clients. */
  readonly up: number;
  /** Received from nodes. */
  readonly down: number;
}

export class L4Session {
  readonly #client: Socket;
  readonly #node: Socket;
  readonly #over: (bytes: L4Bytes) => void;
  #openSockets = 2;

  /** Both sockets allow half-open connections, and nothing was read from the client yet. `over`: called once. */
  constructor(client: Socket, node: Socket, over: (bytes: L4Bytes) => void) {
    this.#client = client;
    this.#node = node;
    this.#over = over;
    for (const socket of [client, node]) {
      socket.setNoDelay(true).setKeepAlive(true, L4_KEEPALIVE_MS);
      socket.on('error', () => this.cut());
      socket.on('close', () => this.#closed(socket));
    }
    // `pipe` reads no faster than the other side takes, and passes an end on as the end of that direction alone.
    client.pipe(node);
    node.pipe(client);
  }

  get bytes(): L4Bytes {
    return { up: this.#client.bytesRead, down: this.#node.bytesRead };
  }

  /** Ends both at once, with a reset: a plain end would look like the whole of what was sent. */
  cut(): void {
    for (const socket of [this.#client, this.#node]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  #closed(socket: Socket): void {
    // After a clean end the other side may still have to take what is on its way.
    const isClean = socket.readableEnded && socket.writableFinished;
    if (!isClean) this.cut();
    this.#openSockets -= 1;
    if (this.#openSockets === 0) this.#over(this.bytes);
  }
}
