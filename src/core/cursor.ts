/**
 * What a cursor holds: a position in the order of keys, and what it was made for. Nothing of it belongs to a node, so
 * that it stays valid across nodes, restarts and changes of the cluster's members.
 *
 *   version 1 | level and direction 1 | fingerprint of the range 4 | position, UTF-8 | MAC 16
 */
import { hashText } from './hash.js';
import type { KeyRange } from './key-range.js';
import { LEVELS, type Level } from './level.js';
import { splitMac, type Sealed } from './mac.js';

const VERSION = 1;
const HEAD_BYTES = 6;
const LEVEL_BITS = 3;
const REVERSE = 4;

export interface Cursor {
  readonly level: Level;
  /** Of the range that is paged through, as it was before the first page. */
  readonly fingerprint: number;
  readonly reverse: boolean;
  /** The last key that was dealt with. */
  readonly position: string;
}

/** Everything but the MAC, which is made of this. */
export function encodeCursor({ level, fingerprint, reverse, position }: Cursor): Uint8Array {
  const text = new TextEncoder().encode(position);
  const bytes = new Uint8Array(HEAD_BYTES + text.length);
  bytes[0] = VERSION;
  bytes[1] = LEVELS.indexOf(level) | (reverse ? REVERSE : 0);
  new DataView(bytes.buffer).setUint32(2, fingerprint);
  bytes.set(text, HEAD_BYTES);
  return bytes;
}

/** The two parts of a cursor's bytes; a text: what is wrong with them, for a sentence that begins with "the cursor". */
export function openCursor(bytes: Uint8Array | undefined): Sealed | string {
  if (bytes === undefined || bytes.length === 0) return NOT_OURS;
  if (bytes[0]! > VERSION) {
    return `was made by a later version of the SDK (its version is ${bytes[0]}, this one reads up to ${VERSION}): update this one, or begin without a cursor`;
  }
  const parts = splitMac(bytes);
  return bytes[0] !== VERSION || parts === undefined || parts.encoded.length <= HEAD_BYTES ? NOT_OURS : parts;
}

/** After its MAC was found right; undefined: it was sealed with the right secret but is none all the same. */
export function decodeCursor(encoded: Uint8Array): Cursor | undefined {
  const level = LEVELS[encoded[1]! & LEVEL_BITS];
  if (level === undefined || encoded[1]! > (LEVEL_BITS | REVERSE)) return undefined;
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const position = new TextDecoder('utf-8', { ignoreBOM: true }).decode(encoded.subarray(HEAD_BYTES));
  return { level, fingerprint: view.getUint32(2), reverse: (encoded[1]! & REVERSE) !== 0, position };
}

/** Tells ranges apart whose cursors were mixed up; who makes cursors up is stopped by the MAC. */
export function rangeFingerprint({ from, to, reverse }: KeyRange): number {
  return hashText(JSON.stringify([from, to, reverse]));
}

const NOT_OURS = 'is not one that this SDK gave out: pass nextCursor of the page before as it is, or begin without one';
