/** Times in packed records and states. */
import type { Micros } from '../core/ballot.js';
import { readUint64, writeUint64 } from '../core/packed-numbers.js';
import { CodecError } from './codec-error.js';

export const TIME_BYTES = 8;

/** A time as a 64-bit integer: unlike a float it cannot read back as NaN, a fraction or minus zero. */
export function writeTime(bytes: Uint8Array, at: number, time: Micros): void {
  if (!Number.isSafeInteger(time) || time < 0) throw new CodecError(`not a time in microseconds: ${time}`);
  writeUint64(bytes, at, time);
}

export function readTime(bytes: Uint8Array, at: number): Micros {
  const time = readUint64(bytes, at);
  if (time > Number.MAX_SAFE_INTEGER) throw new CodecError('a time is out of range');
  return time;
}
