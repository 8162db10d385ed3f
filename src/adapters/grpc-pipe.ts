/** Pipes of the SDK over gRPC. */
import type { ProcessId } from '../core/ballot.js';
import { LARGE_VALUE_BYTES } from '../core/defaults.js';
import type { Hello, Pipe, PipeEvents, PipeRequest, PipeTransport } from '../ports/pipe.js';
import type { Tls } from '../ports/tls.js';
import { CodecError } from './codec-error.js';
import { DialledStreams } from './dialled-streams.js';
import { inParts, requestBytes, valueBytes } from './frame-parts.js';
import { PIPE_PATH } from './frame-calls.js';
import { decodeNodeFrame, encodeClientHello, encodeEcho, encodeRequests, type Echo } from './pipe-frames.js';
import { diallingWith, type Dialling } from './tls-credentials.js';

export class GrpcPipeTransport implements PipeTransport {
  readonly #dialling: Dialling;
  #pipes = 0;

  /** `tls`: what the client shows; without it, connections are plain. */
  constructor(tls?: Tls) {
    this.#dialling = diallingWith(tls);
  }

  open(address: string, client: ProcessId, events: PipeEvents): Pipe {
    this.#pipes += 1;
    return new GrpcPipe({ address, dialling: this.#dialling, client, pipe: this.#pipes, events });
  }
}

interface PipeOptions {
  readonly address: string;
  readonly dialling: Dialling;
  readonly client: ProcessId;
  readonly pipe: number;
  readonly events: PipeEvents;
}

class GrpcPipe implements Pipe {
  readonly #events: PipeEvents;
  readonly #streams: DialledStreams;
  #isOpen = false;

  constructor({ address, dialling, client, pipe, events }: PipeOptions) {
    this.#events = events;
    this.#streams = new DialledStreams({
      address,
      dialling,
      path: PIPE_PATH,
      hello: (bulk) => encodeClientHello({ client, pipe, bulk }),
      received: (frame) => {
        this.#received(frame);
      },
      closed: (reason) => {
        events.closed(reason);
      },
    });
  }

  get queuedBytes(): number {
    return this.#streams.queuedBytes;
  }

  send(batch: readonly PipeRequest[]): void {
    const isLarge = batch.some(({ request }) => valueBytes(request) > LARGE_VALUE_BYTES);
    if (!isLarge) return this.#sendFrames(batch, false);
    this.#sendFrames(
      batch.filter(({ request }) => valueBytes(request) <= LARGE_VALUE_BYTES),
      false,
    );
    this.#sendFrames(
      batch.filter(({ request }) => valueBytes(request) > LARGE_VALUE_BYTES),
      true,
    );
  }

  echo(batch: readonly Echo[]): void {
    for (const part of inParts(batch, (item) => item.value.length)) this.#streams.send(encodeEcho(part), false);
  }

  close(): void {
    this.#streams.close();
  }

  #sendFrames(batch: readonly PipeRequest[], bulk: boolean): void {
    for (const part of inParts(batch, ({ request }) => requestBytes(request))) {
      this.#streams.send(encodeRequests(part), bulk);
    }
  }

  #received(bytes: Buffer): void {
    const frame = decodeNodeFrame(bytes);
    if (frame.kind === 'hello') return this.#greeted(frame.hello);
    if (!this.#isOpen) throw new CodecError('the node sent replies before its hello');
    if (frame.kind === 'replies') this.#events.replied(frame.replies, frame.clock);
    else this.#events.echoed(frame.ids);
  }
  /** The first greeting opens the pipe; the other stream's says the same, unless something changed in between. */
  #greeted(hello: Hello): void {
    if (this.#isOpen) return this.#events.changed(hello);
    this.#isOpen = true;
    this.#events.opened(hello);
  }
}
