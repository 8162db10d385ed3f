/** Pages of a node's keys, one after the other: they are large and few, so that they share no columns. */
import { FRAME_OPERATIONS_MAX, KEY_BYTES_MAX } from '../core/defaults.js';
import type { ListReply } from '../core/request.js';
import { readBallots, writeBallots } from './ballot-column.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { readTexts, writeTexts } from './text-column.js';

export function writeLists(writer: FrameWriter, lists: readonly ListReply[]): void {
  writer.array(lists.length);
  for (const { keys, deleted, through } of lists) {
    if (through === null) writer.nil();
    else writer.text(through);
    writer.number(keys.length);
    writeTexts(writer, keys);
    writer.number(deleted.length);
    writeTexts(
      writer,
      deleted.map(({ key }) => key),
    );
    writeBallots(
      writer,
      deleted.map(({ accepted }) => accepted),
    );
  }
}

export function readLists(reader: FrameReader, count: number): ListReply[] {
  reader.tuple(count);
  const lists: ListReply[] = [];
  for (let i = 0; i < count; i += 1) lists.push(readList(reader));
  return lists;
}

function readList(reader: FrameReader): ListReply {
  const through = reader.nil() ? null : reader.text(KEY_BYTES_MAX);
  const keys = readTexts(reader, reader.uint(FRAME_OPERATIONS_MAX));
  const deletedKeys = readTexts(reader, reader.uint(FRAME_OPERATIONS_MAX));
  const ballots = readBallots(reader, deletedKeys.length, false);
  return { kind: 'keys', keys, deleted: deletedKeys.map((key, at) => ({ key, accepted: ballots[at]! })), through };
}
