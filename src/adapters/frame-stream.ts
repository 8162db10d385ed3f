/** Sends frames on one gRPC stream and knows how much of them the stream has not taken yet. */
import type { FrameDuplex } from './frame-calls.js';

/** A stream with more than this waiting is asked for no more, and not read from where it is being served. */
export const STREAM_QUEUE_BYTES_HIGH = 1024 * 1024;

export class FrameStream {
  readonly #duplex: FrameDuplex;
  readonly #onRoom: () => void;
  #queuedBytes = 0;
  #isBackedUp = false;

  /** @param onRoom - called when a stream that had been backed up takes frames again */
  constructor(duplex: FrameDuplex, onRoom: () => void) {
    this.#duplex = duplex;
    this.#onRoom = onRoom;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get isBackedUp(): boolean {
    return this.#isBackedUp;
  }

  send(frame: Buffer): void {
    this.#queuedBytes += frame.length;
    const taken = this.#duplex.write(frame, () => {
      this.#taken(frame.length);
    });
    if (!taken || this.#queuedBytes > STREAM_QUEUE_BYTES_HIGH) this.#isBackedUp = true;
  }

  #taken(bytes: number): void {
    this.#queuedBytes -= bytes;
    if (!this.#isBackedUp || this.#queuedBytes > STREAM_QUEUE_BYTES_HIGH / 2) return;
    this.#isBackedUp = false;
    this.#onRoom();
  }
}
