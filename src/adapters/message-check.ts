/**
 * Whether bytes are a protobuf message at all. The parser behind grpc-js is lenient: it takes a field that is cut
 * short for a shorter one, and a text that is not UTF-8 for one with replacement characters in it.
 */
import { isUtf8 } from 'node:buffer';

const VARINT_BYTES_MAX = 10;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

/** What is wrong with a message, or undefined. `texts`: the numbers of its fields that are strings. */
export function messageProblem(message: Buffer, texts: ReadonlySet<number>): string | undefined {
  for (let at = 0; at < message.length;) {
    const tag = varintAt(message, at);
    if (tag === undefined) return 'a field without a valid tag';
    const end = fieldEnd(message, tag.end, tag.value % 8);
    if (end === undefined || end > message.length) return 'a field that is cut short or of an unknown kind';
    const isText = tag.value % 8 === DELIMITED && texts.has(Math.floor(tag.value / 8));
    if (isText && !isUtf8(message.subarray(varintAt(message, tag.end)?.end, end))) return 'a text that is not UTF-8';
    at = end;
  }
  return undefined;
}

function fieldEnd(message: Buffer, at: number, kind: number): number | undefined {
  if (kind === FIXED_64) return at + 8;
  if (kind === FIXED_32) return at + 4;
  if (kind > DELIMITED) return undefined;
  const varint = varintAt(message, at);
  if (varint === undefined || kind !== DELIMITED) return varint?.end;
  return varint.end + varint.value;
}

function varintAt(message: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < VARINT_BYTES_MAX && at + i < message.length; i += 1) {
    const byte = message[at + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}
