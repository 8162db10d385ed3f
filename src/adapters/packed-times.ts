/** Fixed-width numbers in packed records and states, most significant byte first. */
import type { Micros } from '../core/ballot.js';
import { CodecError } from './codec-error.js';

export const TIME_BYTES = 8;

const WORD = 0x1_0000_0000;
/** The upper word of the largest safe integer. */
const TIME_HIGH_MAX = 0x1f_ffff;

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** A time as a 64-bit integer: unlike a float it cannot read back as NaN, a fraction or minus zero. */
export function writeTime(bytes: Uint8Array, at: number, time: Micros): void {
  if (!Number.isSafeInteger(time) || time < 0) throw new CodecError(`not a time in microseconds: ${time}`);
  writeUint32(bytes, at, Math.floor(time / WORD));
  writeUint32(bytes, at + 4, time >>> 0);
}

export function readTime(bytes: Uint8Array, at: number): Micros {
  const high = readUint32(bytes, at);
  if (high > TIME_HIGH_MAX) throw new CodecError('a time is out of range');
  return high * WORD + readUint32(bytes, at + 4);
}
