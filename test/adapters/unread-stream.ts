/**
 * A gRPC stream over bare HTTP/2 that reads nothing until it is told to. The client of grpc-js cannot play this
 * part: it takes messages from the network whether or not anybody reads them.
 */
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

/** What is sent and not taken waits here; the default of 10 would stop everything. */
const SESSION_MEGABYTES = 1_000;
/** One byte for compression and four for the length. */
const PREFIX_BYTES = 5;

export class UnreadStream {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #chunks: Buffer[] = [];
  #unparsedBytes = 0;
  /** A prefix, or a prefix and its message, must be there before anything is put together. */
  #neededBytes = PREFIX_BYTES;

  constructor(address: string, path: string) {
    this.#session = connect(`http://${address}`, { maxSessionMemory: SESSION_MEGABYTES });
    this.#stream = this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    });
    this.#stream.on('error', () => undefined);
  }

  /** Handed over, but not taken by the other side. */
  get unsentBytes(): number {
    return this.#stream.writableLength;
  }

  send(message: Uint8Array): void {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    this.#stream.write(Buffer.concat([prefix, message]));
  }

  /** Nothing more is sent. */
  finish(): void {
    this.#stream.end();
  }

  /** From now on everything is read. */
  read(received: (message: Buffer) => void): void {
    this.#stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#unparsedBytes += chunk.length;
      while (this.#unparsedBytes >= this.#neededBytes) this.#parse(received);
    });
  }

  close(): void {
    this.#session.destroy();
  }

  #parse(received: (message: Buffer) => void): void {
    const bytes = Buffer.concat(this.#chunks);
    const end = PREFIX_BYTES + bytes.readUInt32BE(1);
    const isWhole = bytes.length >= end;
    if (isWhole) received(bytes.subarray(PREFIX_BYTES, end));
    this.#chunks = [isWhole ? bytes.subarray(end) : bytes];
    this.#unparsedBytes = this.#chunks[0]!.length;
    this.#neededBytes = isWhole ? PREFIX_BYTES : end;
  }
}
