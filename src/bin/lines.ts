import { FulcrumError, invalidArgument } from '../core/errors.js';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Bytes read up to its end. */
  readonly end: number;
  /** undefined where it is not UTF-8. */
  readonly text: string | undefined;
}

/** The largest value in its longest spelling, a key, and some room. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a stream of UTF-8, ended by LF alone: readline also splits at U+2028, which JSON text may hold.
 * Throws INVALID_ARGUMENT for a line that is too long.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  let end = 0;
  const line = (bytes: Uint8Array): Line => {
    number += 1;
    try {
      return { number, end, text: decoder.decode(bytes) };
    } catch {
      return { number, end, text: undefined };
    }
  };
  for await (const piece of input) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const tail = chunk.subarray(from, at);
      end += tail.length + 1;
      yield line(rest.length === 0 ? tail : Buffer.concat([...rest, tail]));
      rest = [];
      restBytes = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    rest.push(chunk.subarray(from));
    restBytes += chunk.length - from;
    end += chunk.length - from;
    if (restBytes > LINE_BYTES_MAX) throw tooLong(number + 1);
  }
  if (rest.length > 0) yield line(Buffer.concat(rest));
}

function tooLong(number: number): FulcrumError {
  return new FulcrumError(
    invalidArgument(`Line ${number} is longer than ${LINE_BYTES_MAX} bytes; no value is that large.`),
  );
}
