import type { ValueEncoding } from '../core/state.js';

export interface EncodedValue {
  /** The caller may go on changing the value: these bytes no longer follow it. */
  readonly bytes: Uint8Array;
  readonly encoding: ValueEncoding;
}

/** What callers put and get, as the bytes that the cluster stores. */
export interface ValueCodec {
  /** Throws an Error that says which part of the value cannot be stored. */
  encode(value: unknown): EncodedValue;
  /** The result shares no memory with `bytes`. Throws an Error when these are not what `encoding` says. */
  decode(bytes: Uint8Array, encoding: ValueEncoding): unknown;
}
