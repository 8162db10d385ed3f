/**
 * Records kept in memory, in two generations: when the young one is full it becomes the old one and what
 * was not used since is dropped. Evicting one entry at a time from a Map costs more than the lookup saves.
 */
import type { Record } from '../core/register.js';

export interface Entry {
  record: Record;
  /** The commit that makes `record` durable; 0 once it is. */
  commit: number;
  /** The size it is accounted with; kept by the cache. */
  bytes: number;
}

const ENTRY_OVERHEAD_BYTES = 200;

export class RegisterCache {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngBytes = 0;
  #oldBytes = 0;

  /** `bytesMax`: an estimate over both generations. */
  constructor(private readonly bytesMax: number) {}

  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  get(key: string): Entry | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.add(key, old);
    return old;
  }

  add(key: string, entry: Entry): void {
    this.#young.set(key, entry);
    entry.bytes = sizeOf(key, entry);
    this.#youngBytes += entry.bytes;
    this.#rotateIfFull();
  }

  /** The record of an entry that `get` has just given was replaced. */
  resized(key: string, entry: Entry): void {
    const bytes = sizeOf(key, entry);
    this.#youngBytes += bytes - entry.bytes;
    entry.bytes = bytes;
    this.#rotateIfFull();
  }

  #rotateIfFull(): void {
    if (this.#youngBytes * 2 <= this.bytesMax) return;
    const dropped = this.#old;
    this.#old = this.#young;
    this.#oldBytes = this.#youngBytes;
    this.#young = new Map();
    this.#youngBytes = 0;
    // What is not durable yet exists nowhere else, so it stays.
    for (const [key, entry] of dropped) {
      if (entry.commit === 0 || this.#old.has(key)) continue;
      this.#young.set(key, entry);
      this.#youngBytes += entry.bytes;
    }
  }
}

function sizeOf(key: string, { record }: Entry): number {
  return key.length * 2 + (record.state?.size ?? 0) + ENTRY_OVERHEAD_BYTES;
}
