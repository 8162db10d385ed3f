/** What the processes of the floor say to each other: as little as can be, and nothing that is not there is checked. */

/** Of the one method that they serve. */
export const FLOOR_PATH = '/fulcrum.bench.Floor/Pipe';

/** Puts from a client, the same bytes to a peer as copies; reads from a client, the same bytes to a peer to compare. */
export const KIND = { puts: 1, copies: 2, reads: 3, comparisons: 4, done: 5, values: 6, taken: 7 } as const;

const NUMBER_AT = 1;
const HEAD_BYTES = 5;
const ITEM_HEAD_BYTES = 10;

export interface FloorItem {
  readonly id: number;
  readonly key: string;
  /** Empty in a read. */
  readonly value: Uint8Array;
}

export function kindOf(frame: Buffer): number {
  return frame[0]!;
}

/** The frame number of copies and comparisons. */
export function numberOf(frame: Buffer): number {
  return frame.readUInt32LE(NUMBER_AT);
}

/** A client's frame as a peer gets it: the same bytes under another head. */
export function passedOn(frame: Buffer, kind: number, number: number): Buffer {
  frame[0] = kind;
  frame.writeUInt32LE(number, NUMBER_AT);
  return frame;
}

/** Keys are Latin-1, shorter than 64 KiB. */
export function encodeItems(kind: number, items: readonly FloorItem[]): Buffer {
  let length = HEAD_BYTES;
  for (const { key, value } of items) length += ITEM_HEAD_BYTES + key.length + value.length;
  const frame = Buffer.allocUnsafe(length);
  frame[0] = kind;
  frame.writeUInt32LE(0, NUMBER_AT);
  let at = HEAD_BYTES;
  for (const { id, key, value } of items) {
    frame.writeUInt32LE(id, at);
    frame.writeUInt16LE(key.length, at + 4);
    frame.writeUInt32LE(value.length, at + 6);
    at += ITEM_HEAD_BYTES;
    at += frame.write(key, at, 'latin1');
    frame.set(value, at);
    at += value.length;
  }
  return frame;
}

/** Values are views of the frame. */
export function decodeItems(frame: Buffer): FloorItem[] {
  const items: FloorItem[] = [];
  for (let at = HEAD_BYTES; at < frame.length;) {
    const id = frame.readUInt32LE(at);
    const keyAt = at + ITEM_HEAD_BYTES;
    const valueAt = keyAt + frame.readUInt16LE(at + 4);
    at = valueAt + frame.readUInt32LE(at + 6);
    items.push({ id, key: frame.toString('latin1', keyAt, valueAt), value: frame.subarray(valueAt, at) });
  }
  return items;
}

/** Ids of puts that are done, or numbers of frames that were taken. */
export function encodeNumbers(kind: number, numbers: readonly number[]): Buffer {
  const frame = Buffer.allocUnsafe(1 + numbers.length * 4);
  frame[0] = kind;
  for (let i = 0; i < numbers.length; i += 1) frame.writeUInt32LE(numbers[i]!, 1 + i * 4);
  return frame;
}

export function decodeNumbers(frame: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 1; at < frame.length; at += 4) numbers.push(frame.readUInt32LE(at));
  return numbers;
}
