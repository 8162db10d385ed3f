/** A client of a proxy that says what it sees. */
import { connect, type Socket } from 'node:net';
import { waitUntil } from '../../../cluster/wait.js';

const WAIT_MS = 20_000;

export class Talker {
  readonly #socket: Socket;
  received = Buffer.alloc(0);
  /** How the connection ended; undefined while it is open. */
  end: 'closed' | 'reset' | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => {
      this.received = Buffer.concat([this.received, data]);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.end ??= 'reset';
    });
    socket.on('end', () => (this.end ??= 'closed'));
    socket.on('close', () => (this.end ??= 'closed'));
  }

  static async to(address: string): Promise<Talker> {
    const [host = '', port] = address.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
    const talker = new Talker(socket);
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    return talker;
  }

  say(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Ends its own side. */
  finish(): void {
    this.#socket.end();
  }

  /** Milliseconds until this many bytes have arrived in all. Throws where they never do. */
  async hears(bytes: number): Promise<number> {
    const startMs = performance.now();
    if (await waitUntil(() => this.received.length >= bytes, WAIT_MS)) return performance.now() - startMs;
    throw new Error(`only ${this.received.length} of ${bytes} bytes arrived`);
  }

  /** Milliseconds until the connection is ended by the other side. */
  async ends(): Promise<number> {
    const startMs = performance.now();
    if (await waitUntil(() => this.end !== undefined, WAIT_MS)) return performance.now() - startMs;
    throw new Error('the connection was never ended');
  }

  close(): void {
    this.#socket.destroy();
  }
}
