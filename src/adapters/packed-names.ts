/**
 * Node names and incarnations in packed form. Few processes write most states, so what is decoded is
 * interned: in tables of fixed size where a newcomer replaces whoever held its slot, so that a flood of
 * invented names costs time and never memory.
 */
import { NODE_NAME_LENGTH_MAX } from '../core/ballot.js';
import { INCARNATION_BYTES, readIncarnation as decodeIncarnation } from '../core/packed-incarnation.js';
import { readUint32 } from '../core/packed-numbers.js';
import { CodecError } from './codec-error.js';

const SLOTS = 1024;
const NOT_HEX = 0xff;

const hexDigits = new Uint8Array(128).fill(NOT_HEX);
for (let digit = 0; digit < 16; digit += 1) hexDigits[digit.toString(16).charCodeAt(0)] = digit;

const incarnationHighs = new Uint32Array(SLOTS);
const incarnationLows = new Uint32Array(SLOTS);
const incarnationTexts: string[] = Array.from({ length: SLOTS }, () => '0000000000000000');

/** Writes 16 hexadecimal digits as 8 bytes. */
export function writeIncarnation(bytes: Uint8Array, at: number, incarnation: string): void {
  if (incarnation.length !== 16) throw new CodecError(`not an incarnation: ${incarnation}`);
  let digits = 0;
  for (let i = 0; i < INCARNATION_BYTES; i += 1) {
    const high = hexDigits[incarnation.charCodeAt(2 * i)] ?? NOT_HEX;
    const low = hexDigits[incarnation.charCodeAt(2 * i + 1)] ?? NOT_HEX;
    digits |= high | low;
    bytes[at + i] = (high << 4) | low;
  }
  if (digits > 0xf) throw new CodecError(`not an incarnation: ${incarnation}`);
}

/** The caller has checked that 8 bytes are there. */
export function readIncarnation(bytes: Uint8Array, at: number): string {
  const high = readUint32(bytes, at);
  const low = readUint32(bytes, at + 4);
  const slot = (high ^ (high >>> 15) ^ low) & (SLOTS - 1);
  if (incarnationHighs[slot] === high && incarnationLows[slot] === low) return incarnationTexts[slot]!;
  const text = decodeIncarnation(bytes, at);
  incarnationHighs[slot] = high;
  incarnationLows[slot] = low;
  incarnationTexts[slot] = text;
  return text;
}

interface InternedName {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const names: (InternedName | undefined)[] = new Array<InternedName | undefined>(SLOTS).fill(undefined);
/** By name. It only ever holds names this process writes; emptied when it is full. */
const packedNames = new Map<string, Uint8Array>();
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

/** A node's name in UTF-8, at most 255 bytes. The same array for the same name: not to be changed. */
export function packName(name: string): Uint8Array {
  const known = packedNames.get(name);
  if (known !== undefined) return known;
  if (name.length === 0 || name.length > NODE_NAME_LENGTH_MAX || !name.isWellFormed()) {
    throw new CodecError(`not a node's name: ${JSON.stringify(name)}`);
  }
  const bytes = toUtf8.encode(name);
  if (packedNames.size >= SLOTS) packedNames.clear();
  packedNames.set(name, bytes);
  return bytes;
}

/** The caller has checked that `length` bytes are there. */
export function unpackName(bytes: Uint8Array, at: number, length: number): string {
  let hash = length;
  for (let i = at; i < at + length; i += 1) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  const slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
  const known = names[slot];
  if (known !== undefined && isAt(bytes, at, length, known.bytes)) return known.text;
  const packed = Uint8Array.from(bytes.subarray(at, at + length));
  const text = decodeName(packed);
  names[slot] = { bytes: packed, text };
  return text;
}

function decodeName(packed: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(packed);
  } catch (cause) {
    throw new CodecError("a node's name is not UTF-8", { cause });
  }
  if (text.length === 0 || text.length > NODE_NAME_LENGTH_MAX) throw new CodecError("a node's name has a wrong length");
  return text;
}

function isAt(bytes: Uint8Array, at: number, length: number, name: Uint8Array): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== name[i]) return false;
  return true;
}
