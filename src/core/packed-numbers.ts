/** Fixed-width numbers in bytes, most significant byte first. Nothing is checked here. */

export const WORD = 0x1_0000_0000;

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

/** `value`: an integer from 0 to 2^53 - 1. */
export function writeUint64(bytes: Uint8Array, at: number, value: number): void {
  writeUint32(bytes, at, Math.floor(value / WORD));
  writeUint32(bytes, at + 4, value >>> 0);
}

export function readUint64(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * WORD + readUint32(bytes, at + 4);
}
