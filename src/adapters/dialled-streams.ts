/** A connection to one server with two streams of frames, one for small values and one for large ones. */
import { Client } from '@grpc/grpc-js';
import { CodecError } from './codec-error.js';
import { FrameStream } from './frame-stream.js';
import { fromGrpc } from './grpc-errors.js';
import { CLIENT_OPTIONS } from './grpc-options.js';
import { PLAIN, type Dialling } from './tls-credentials.js';
import { asIs, type FrameClientCall } from './frame-calls.js';
import type { FulcrumError } from '../core/errors.js';

export interface DialOptions {
  /** host:port. */
  readonly address: string;
  /** Plain where it is not given. */
  readonly dialling?: Dialling | undefined;
  readonly path: string;
  /** The first frame of each stream. */
  readonly hello: (bulk: boolean) => Buffer;
  /** Throwing closes both streams; what was thrown is the reason. */
  readonly received: (frame: Buffer) => void;
  /** Called once, unless it was `close` that closed them. */
  readonly closed: (reason: FulcrumError) => void;
}

export class DialledStreams {
  readonly #options: DialOptions;
  readonly #client: Client;
  readonly #small: DialledStream;
  readonly #bulk: DialledStream;
  #hasSent = false;
  #isClosed = false;

  constructor(options: DialOptions) {
    this.#options = options;
    const hellos = [options.hello(false), options.hello(true)] as const;
    const { credentials, options: secured } = (options.dialling ?? PLAIN)(options.address);
    this.#client = new Client(options.address, credentials, { ...CLIENT_OPTIONS, ...secured });
    this.#small = this.#open(hellos[0]);
    this.#bulk = this.#open(hellos[1]);
  }

  /** Bytes handed over that the streams have not taken yet. */
  get queuedBytes(): number {
    return this.#small.frames.queuedBytes + this.#bulk.frames.queuedBytes;
  }

  send(frame: Buffer, bulk: boolean): void {
    if (this.#isClosed) return;
    this.#hasSent = true;
    (bulk ? this.#bulk : this.#small).frames.send(frame);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#small.call.cancel();
    this.#bulk.call.cancel();
    this.#client.close();
  }

  #open(hello: Buffer): DialledStream {
    const call: FrameClientCall = this.#client.makeBidiStreamRequest(this.#options.path, asIs, asIs);
    call.on('data', (frame: Buffer) => {
      this.#received(frame);
    });
    call.on('error', (error: Error) => {
      this.#lost(error);
    });
    call.on('end', () => {
      // Without a status that is an error, which is reported by its own event.
      call.once('status', () => this.#lost(new Error('the server ended it')));
    });
    const frames = new FrameStream(call, nothing);
    frames.send(hello);
    return { call, frames };
  }

  #received(frame: Buffer): void {
    if (this.#isClosed) return;
    try {
      this.#options.received(frame);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#lost(error);
    }
  }

  #lost(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.closed(fromGrpc(error, this.#options.address, !this.#hasSent));
  }
}

interface DialledStream {
  readonly call: FrameClientCall;
  readonly frames: FrameStream;
}

/** Whoever sends looks at `queuedBytes` instead. */
function nothing(): void {}
