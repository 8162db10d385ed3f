/**
 * A bounded map of values, by number and by bytes. Two generations, as the nodes cache registers: what is used moves to
 * the younger one, and when that holds half of what may be held, the older one is dropped whole.
 */
import type { ValueEncoding } from '../core/state.js';

export interface CachedValue {
  /** Encoded; null: the key has no value. */
  readonly value: Uint8Array | null;
  readonly encoding: ValueEncoding;
  /** undefined: the key never had a value. */
  readonly version: string | undefined;
  /** When it was asked for, or written, on the monotonic clock. */
  readonly atMs: number;
  /** When it is gone because of its time to live, where that is known. */
  readonly expiresMs: number;
}

export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What an entry takes beside its key and value. */
const ENTRY_BYTES = 200;

class Generation {
  readonly entries = new Map<string, CachedValue>();
  bytes = 0;

  set(key: string, value: CachedValue): void {
    this.delete(key);
    this.entries.set(key, value);
    this.bytes += bytesOf(key, value);
  }

  delete(key: string): CachedValue | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.bytes -= bytesOf(key, value);
    return value;
  }
}

export class CachedValues {
  readonly #entriesMax: number;
  readonly #bytesMax: number;
  #young = new Generation();
  #old = new Generation();
  /** Dropped for want of room. */
  evicted = 0;

  constructor({ maxEntries, maxBytes }: Bounds) {
    this.#entriesMax = Math.max(1, Math.floor(maxEntries / 2));
    this.#bytesMax = maxBytes / 2;
  }

  get size(): number {
    return this.#young.entries.size + this.#old.entries.size;
  }

  get bytes(): number {
    return this.#young.bytes + this.#old.bytes;
  }

  get(key: string, nowMs: number): CachedValue | undefined {
    const value = this.#young.entries.get(key) ?? this.#old.entries.get(key);
    if (value === undefined) return undefined;
    if (nowMs >= value.expiresMs) {
      this.delete(key);
      return undefined;
    }
    if (!this.#young.entries.has(key)) this.set(key, value);
    return value;
  }

  /** What is larger than half of all that may be held is not kept. */
  set(key: string, value: CachedValue): void {
    this.delete(key);
    const bytes = bytesOf(key, value);
    if (bytes > this.#bytesMax) {
      this.evicted += 1;
      return;
    }
    if (this.#young.entries.size >= this.#entriesMax || this.#young.bytes + bytes > this.#bytesMax) {
      this.evicted += this.#old.entries.size;
      this.#old = this.#young;
      this.#young = new Generation();
    }
    this.#young.set(key, value);
  }

  /** Of two values that were asked for, the later one stays, whichever came first. */
  renew(key: string, value: CachedValue): void {
    const held = this.#young.entries.get(key) ?? this.#old.entries.get(key);
    if (held === undefined || held.atMs <= value.atMs) this.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young = new Generation();
    this.#old = new Generation();
  }
}

function bytesOf(key: string, { value }: CachedValue): number {
  return ENTRY_BYTES + key.length + (value?.length ?? 0);
}
