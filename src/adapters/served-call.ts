/** The server's end of one stream of frames. */
import type { Log } from '../ports/log.js';
import { CodecError } from './codec-error.js';
import { FrameStream } from './frame-stream.js';
import { refusal, refusalOf, type CallStatus } from './grpc-errors.js';
import type { FrameCall } from './frame-calls.js';

export interface ServedCallEvents {
  /** Throwing closes the stream; a CodecError says why. */
  received(frame: Buffer): void;
  /** A stream that had been backed up takes frames again. */
  hasRoom(): void;
  /** Called once. */
  closed(reason: string): void;
}

export class ServedCall {
  readonly #call: FrameCall;
  readonly #stream: FrameStream;
  readonly #events: ServedCallEvents;
  readonly #log: Log;
  #isClosed = false;

  constructor(call: FrameCall, log: Log, events: ServedCallEvents) {
    this.#call = call;
    this.#log = log;
    this.#events = events;
    this.#stream = new FrameStream(call, () => {
      if (!this.#isClosed) this.#events.hasRoom();
    });
    call.on('data', (frame: Buffer) => {
      this.#received(frame);
    });
    call.on('end', () => {
      this.end('the other side ended it');
    });
    call.on('cancelled', () => {
      this.#closed('the connection is gone');
    });
    call.on('error', (error: Error) => {
      this.#closed(error.message);
    });
  }

  /** Who is at the other end, for the log. */
  get remote(): string {
    return this.#call.getPeer();
  }

  get isBackedUp(): boolean {
    return this.#stream.isBackedUp;
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes;
  }

  /** Does nothing once the stream is closed. */
  send(frame: Buffer): void {
    if (!this.#isClosed) this.#stream.send(frame);
  }

  pauseReading(): void {
    this.#call.pause();
  }

  resumeReading(): void {
    if (this.#call.isPaused()) this.#call.resume();
  }

  end(reason: string): void {
    if (this.#isClosed) return;
    this.#closed(reason);
    this.#call.end();
  }

  /** Closes the stream with a status that says why. */
  refuse(why: CallStatus): void {
    if (this.#isClosed) return;
    this.#closed(why.details);
    this.#call.emit('error', why);
  }

  /** The node is stopping: clients look for another one. */
  shutDown(): void {
    this.refuse(refusal('UNAVAILABLE', 'This node is stopping.'));
  }

  #received(frame: Buffer): void {
    if (this.#isClosed) return;
    try {
      this.#events.received(frame);
    } catch (error) {
      const fields = { remote: this.remote, error };
      if (error instanceof CodecError) this.#log.warn(fields, 'Closed a stream over a malformed frame');
      else this.#log.error(fields, 'Closed a stream over a frame that could not be handled');
      this.refuse(refusalOf(error));
    }
  }

  /** What is still to come is read and thrown away, so that the connection goes on for other calls. */
  #closed(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.closed(reason);
    this.#call.resume();
  }
}
