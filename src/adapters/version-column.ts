/** Versions as columns: incarnations once, then times, subs, indexes and positions. */
import { isIncarnation } from '../core/ballot.js';
import { VERSION_INDEX_MAX, type Version } from '../core/version.js';
import { CodecError } from './codec-error.js';
import { Dictionary } from './dictionary.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { indexAt, readIndexes, readUints, UINT_MAX, writeIndexes, writeUints } from './number-column.js';

export function writeVersions(writer: FrameWriter, versions: readonly Version[]): void {
  const count = versions.length;
  const incarnations = new Dictionary<string>(sameText, (incarnation) => incarnation);
  const positions = versions.map((version) => incarnations.indexOf(version.incarnation));
  writer.texts(incarnations.entries);
  writeIndexes(writer, positions, incarnations.entries.length);
  const times = writer.column(count * 8);
  for (let i = 0; i < count; i += 1) writer.putFloat(times + i * 8, versions[i]!.time);
  writeUints(
    writer,
    versions.map((version) => version.sub),
  );
  writeUints(
    writer,
    versions.map((version) => version.index),
  );
}

export function readVersions(reader: FrameReader, count: number): Version[] {
  const incarnations = reader.texts(count, 16);
  if (!incarnations.every(isIncarnation)) throw new CodecError('an incarnation that is not 16 hexadecimal digits');
  const positions = readIndexes(reader, count, incarnations.length);
  const times = reader.column(count * 8);
  const subs = readUints(reader, count, UINT_MAX);
  const indexes = readUints(reader, count, VERSION_INDEX_MAX);
  const versions = new Array<Version>(count);
  for (let i = 0; i < count; i += 1) {
    const time = reader.getFloat(times + i * 8);
    if (!Number.isSafeInteger(time) || time < 0) throw new CodecError(`${time} is not the time of a version`);
    versions[i] = {
      time,
      incarnation: incarnations[indexAt(reader, positions, i)]!,
      sub: subs[i]!,
      index: indexes[i]!,
    };
  }
  return versions;
}

function sameText(a: string, b: string): boolean {
  return a === b;
}
