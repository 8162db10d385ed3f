/** Keys and other short texts of a frame: their lengths in bytes, then all of them in one run. */
import { isAscii, isUtf8 } from 'node:buffer';
import { CodecError } from './codec-error.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';

/**
 * ASCII texts are cut out of strings of about this many characters. A cut keeps the string alive that it was
 * cut from, so this bounds what one key that is kept costs; decoding each on its own costs 80 ns instead of 15.
 */
const RUN_CHARACTERS = 256;

/** What a text that is not UTF-8 decodes to: not well-formed either, so that keyProblem names it. */
const NOT_UTF8 = '\ud800';

export function writeTexts(writer: FrameWriter, texts: readonly string[]): void {
  const joined = texts.join('');
  const lengths = writer.column(texts.length * 4);
  if (Buffer.byteLength(joined) === joined.length) {
    writer.putText(writer.column(joined.length), joined);
    for (let i = 0; i < texts.length; i += 1) writer.putUint(lengths + i * 4, texts[i]!.length);
    return;
  }
  // Not the length of the joined text: halves of a surrogate pair on both sides of a seam would join up.
  let end = writer.column(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  for (let i = 0; i < texts.length; i += 1) {
    const length = writer.putText(end, texts[i]!);
    writer.putUint(lengths + i * 4, length);
    end += length;
  }
}

export function readTexts(reader: FrameReader, count: number): string[] {
  const lengths = reader.column(count * 4);
  const { at, length } = reader.openColumn();
  checkLengths(reader, lengths, count, length);
  return isAscii(reader.getBytes(at, length))
    ? cutRuns(reader, lengths, count, at)
    : readEach(reader, lengths, count, at);
}

/** The lengths in a column must add up to what there is. */
export function checkLengths(reader: FrameReader, lengths: number, count: number, total: number): void {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += reader.getUint(lengths + i * 4);
  if (sum !== total) throw new CodecError(`lengths that add up to ${sum} for ${total} bytes`);
}

function cutRuns(reader: FrameReader, lengths: number, count: number, start: number): string[] {
  const texts = new Array<string>(count);
  let at = start;
  for (let i = 0; i < count;) {
    const first = i;
    const runStart = at;
    do {
      at += reader.getUint(lengths + i * 4);
      i += 1;
    } while (i < count && at - runStart + reader.getUint(lengths + i * 4) <= RUN_CHARACTERS);
    const run = reader.getLatin1(runStart, at);
    let cut = 0;
    for (let j = first; j < i; j += 1) {
      const end = cut + reader.getUint(lengths + j * 4);
      texts[j] = run.slice(cut, end);
      cut = end;
    }
  }
  return texts;
}

function readEach(reader: FrameReader, lengths: number, count: number, start: number): string[] {
  const texts = new Array<string>(count);
  let at = start;
  for (let i = 0; i < count; i += 1) {
    const length = reader.getUint(lengths + i * 4);
    const text = reader.getUtf8(at, at + length);
    texts[i] = text.includes('\ufffd') && !isUtf8(reader.getBytes(at, length)) ? NOT_UTF8 : text;
    at += length;
  }
  return texts;
}
