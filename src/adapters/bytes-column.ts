/** Values and packed states of a frame: their lengths, then all of the bytes in one run. */
import { checkLengths } from './text-column.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';

/**
 * What is read is copied out of the frame in runs of about this many bytes, and each value is a view of its
 * run. One value that is kept thus keeps at most a run alive, never a frame of a megabyte.
 */
const RUN_BYTES = 8 * 1024;

export function writeByteArrays(writer: FrameWriter, values: readonly Uint8Array[]): void {
  let total = 0;
  const lengths = writer.column(values.length * 4);
  for (let i = 0; i < values.length; i += 1) {
    const { length } = values[i]!;
    writer.putUint(lengths + i * 4, length);
    total += length;
  }
  let at = writer.column(total);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    writer.putBytes(at, value);
    at += value.length;
  }
}

/** Values that may be kept: copied out of the frame. */
export function readByteArrays(reader: FrameReader, count: number): Uint8Array[] {
  const lengths = reader.column(count * 4);
  const { at: start, length: total } = reader.openColumn();
  checkLengths(reader, lengths, count, total);
  const values = new Array<Uint8Array>(count);
  let at = start;
  for (let i = 0; i < count;) {
    const first = i;
    const runStart = at;
    do {
      at += reader.getUint(lengths + i * 4);
      i += 1;
    } while (i < count && at - runStart + reader.getUint(lengths + i * 4) <= RUN_BYTES);
    const run = copyOf(reader.getBytes(runStart, at - runStart));
    let cut = 0;
    for (let j = first; j < i; j += 1) {
      const length = reader.getUint(lengths + j * 4);
      values[j] = new Uint8Array(run, cut, length);
      cut += length;
    }
  }
  return values;
}

/** Not from the pool that Node shares out: a value that is kept would keep its neighbours there. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}

/** Views of the frame itself, each used up by `use` before the frame is gone. */
export function readViews<T>(reader: FrameReader, count: number, use: (bytes: Uint8Array) => T): T[] {
  const lengths = reader.column(count * 4);
  const { at: start, length: total } = reader.openColumn();
  checkLengths(reader, lengths, count, total);
  const results = new Array<T>(count);
  let at = start;
  for (let i = 0; i < count; i += 1) {
    const length = reader.getUint(lengths + i * 4);
    results[i] = use(reader.getBytes(at, length));
    at += length;
  }
  return results;
}
