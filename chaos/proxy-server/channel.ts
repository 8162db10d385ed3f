/** What one stage of a link hands on to the next: bytes in order, and in the end that there are no more. */

export interface Chunk {
  readonly data: Buffer;
  /** When it was read, or when the last latency toxic let go of it; on the clock of performance.now(). */
  readonly atMs: number;
}

export class Channel {
  readonly #capacity: number;
  #chunks: Chunk[] = [];
  #isClosed = false;
  #onChunk: (() => void) | undefined;
  #onRoom: (() => void)[] = [];

  /** How many chunks may wait before whoever sends has to. */
  constructor(capacity = 1) {
    this.#capacity = capacity;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The chunk is taken over at once; what is returned tells when there is room for the next. */
  send(chunk: Chunk): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    this.#chunks.push(chunk);
    this.#tellReader();
    if (this.#chunks.length <= this.#capacity) return undefined;
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }

  /** What was sent before still arrives. */
  close(): void {
    this.#isClosed = true;
    this.#tellReader();
    this.#tellSenders();
  }

  /** The next chunk; null once it is closed and empty; undefined where there is nothing yet. */
  take(): Chunk | null | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return this.#isClosed ? null : undefined;
    if (this.#chunks.length <= this.#capacity) this.#tellSenders();
    return chunk;
  }

  /** Calls back once `take` has something; there is one reader at a time. */
  whenReady(callback: (() => void) | undefined): void {
    this.#onChunk = callback;
  }

  #tellReader(): void {
    const tell = this.#onChunk;
    this.#onChunk = undefined;
    tell?.();
  }

  #tellSenders(): void {
    const waiting = this.#onRoom;
    this.#onRoom = [];
    for (const tell of waiting) tell();
  }
}
