/** What a toxic does its work with: the bytes of one direction of one connection, one chunk after the other. */
import type { Chunk } from './channel.js';

/** The toxic is to stop: it is taken away, or begins again with other attributes. */
export const INTERRUPTED = Symbol('interrupted');

export interface Flow {
  /** What the toxic remembers of this connection. */
  readonly state: Record<string, number>;
  /** The next chunk, or null where there are no more. */
  read(): Promise<Chunk | null | typeof INTERRUPTED>;
  /** Hands on, and waits for room unless it is interrupted: the chunk is not lost either way. */
  write(chunk: Chunk): Promise<void>;
  /** False where it was interrupted before the time was over. */
  sleep(ms: number): Promise<boolean>;
  /** Until it is interrupted. */
  standStill(): Promise<void>;
  /** Ends the connection in this direction. */
  close(): void;
}
