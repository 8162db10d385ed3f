import { Packr } from 'msgpackr';
import type { ValueEncoding } from '../core/state.js';
import type { EncodedValue, ValueCodec } from '../ports/value-codec.js';

/**
 * Bytes as they are; everything else as MessagePack with msgpackr's extensions, so that Map, Set, Date,
 * bigint, typed arrays and undefined inside objects come back as what they were.
 */
export class MsgpackValueCodec implements ValueCodec {
  readonly #packr = new Packr({
    moreTypes: true,
    useBigIntExtension: true,
    copyBuffers: true,
    writeFunction: () => {
      throw new TypeError('a function cannot be stored');
    },
  });

  encode(value: unknown): EncodedValue {
    // A copy: a retry must send what the first attempt sent, whatever the caller does to its buffer meanwhile.
    if (value instanceof Uint8Array) return { bytes: copyOf(value), encoding: 'bytes' };
    if (value === undefined) throw new TypeError('undefined is not a value: store null, or delete the key');
    return { bytes: this.#pack(value), encoding: 'msgpack' };
  }

  decode(bytes: Uint8Array, encoding: ValueEncoding): unknown {
    return encoding === 'bytes' ? copyOf(bytes) : this.#packr.unpack(bytes);
  }

  #pack(value: unknown): Uint8Array {
    try {
      return this.#packr.pack(value);
    } catch (cause) {
      throw new TypeError(problemOf(cause), { cause });
    }
  }
}

/** From Node's pool: a Uint8Array with a buffer of its own costs four times as much, and the collector more again. */
function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length);
  copy.set(bytes);
  return copy;
}

function problemOf(cause: unknown): string {
  // msgpackr walks a value recursively and without end where that contains itself.
  if (cause instanceof RangeError) return 'it contains itself, or is nested too deeply';
  return cause instanceof Error ? cause.message : String(cause);
}
