/** Incarnations, 16 hexadecimal digits, as 8 bytes. Nothing is checked here. */
import { readUint32, writeUint32 } from './packed-numbers.js';

export const INCARNATION_BYTES = 8;

const WORD_DIGITS = 8;
const DIGIT_NINE = '9'.charCodeAt(0);

/** The two words of an incarnation. */
export interface PackedIncarnation {
  readonly high: number;
  readonly low: number;
}

export function packedIncarnation(incarnation: string): PackedIncarnation {
  return { high: hexWord(incarnation, 0), low: hexWord(incarnation, WORD_DIGITS) };
}

export function isIncarnationAt(bytes: Uint8Array, at: number, { high, low }: PackedIncarnation): boolean {
  return readUint32(bytes, at) === high && readUint32(bytes, at + 4) === low;
}

export function readIncarnation(bytes: Uint8Array, at: number): string {
  return hexDigits(readUint32(bytes, at)) + hexDigits(readUint32(bytes, at + 4));
}

export function writeIncarnation(bytes: Uint8Array, at: number, incarnation: string): void {
  const { high, low } = packedIncarnation(incarnation);
  writeUint32(bytes, at, high);
  writeUint32(bytes, at + 4, low);
}

/** Digit by digit: parsing a slice costs several times as much, and this is done for every mutation. */
function hexWord(digits: string, from: number): number {
  let word = 0;
  for (let i = from; i < from + WORD_DIGITS; i += 1) {
    const code = digits.charCodeAt(i);
    word = (word << 4) | ((code & 0xf) + (code > DIGIT_NINE ? 9 : 0));
  }
  return word >>> 0;
}

function hexDigits(word: number): string {
  return word.toString(16).padStart(WORD_DIGITS, '0');
}
