/** Columns of numbers: one number where all are the same, else raw little-endian ones. */
import { CodecError } from './codec-error.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';

export const UINT_MAX = 0xffff_ffff;

/** Integers from 0 to 2^32-1. */
export function writeUints(writer: FrameWriter, values: readonly number[]): void {
  const first = values[0];
  if (first !== undefined && values.every((value) => value === first)) return writer.number(first);
  const at = writer.column(values.length * 4);
  for (let i = 0; i < values.length; i += 1) writer.putUint(at + i * 4, values[i]!);
}

export function readUints(reader: FrameReader, count: number, max = UINT_MAX): number[] {
  const values = new Array<number>(count);
  if (count > 0 && !reader.atColumn()) return values.fill(reader.uint(max));
  const at = reader.column(count * 4);
  for (let i = 0; i < count; i += 1) {
    const value = reader.getUint(at + i * 4);
    if (value > max) throw new CodecError(`${value} where at most ${max} is allowed`);
    values[i] = value;
  }
  return values;
}

/** Integers from 0 to 2^53-1: times in microseconds, durations in milliseconds. */
export function writeIntegers(writer: FrameWriter, values: readonly number[]): void {
  const at = writer.column(values.length * 8);
  for (let i = 0; i < values.length; i += 1) writer.putFloat(at + i * 8, values[i]!);
}

export function readIntegers(reader: FrameReader, count: number): number[] {
  const at = reader.column(count * 8);
  const values = new Array<number>(count);
  for (let i = 0; i < count; i += 1) {
    const value = reader.getFloat(at + i * 8);
    if (!Number.isSafeInteger(value) || value < 0) throw new CodecError(`${value} in a column of integers`);
    values[i] = value;
  }
  return values;
}

/** Bytes whose bits say what the other columns hold for each message. */
export function writeBytes(writer: FrameWriter, values: readonly number[]): void {
  const at = writer.column(values.length);
  for (let i = 0; i < values.length; i += 1) writer.putByte(at + i, values[i]!);
}

/** Positions in a dictionary of `size` entries; nothing is written where there is no choice. */
export function writeIndexes(writer: FrameWriter, indexes: readonly number[], size: number): void {
  if (size <= 1) return writer.nil();
  const at = writer.column(indexes.length * 2);
  for (let i = 0; i < indexes.length; i += 1) writer.putWord(at + i * 2, indexes[i]!);
}

/** Where the positions begin; -1: all are 0. All are checked to lie below `size`. */
export function readIndexes(reader: FrameReader, count: number, size: number): number {
  if (size === 0 && count > 0) throw new CodecError('an empty dictionary for a column that is not empty');
  if (size <= 1) {
    if (!reader.nil()) throw new CodecError('positions in a dictionary without a choice');
    return -1;
  }
  const at = reader.column(count * 2);
  for (let i = 0; i < count; i += 1) {
    if (reader.getWord(at + i * 2) >= size) throw new CodecError('a position outside its dictionary');
  }
  return at;
}

export function indexAt(reader: FrameReader, indexes: number, i: number): number {
  return indexes < 0 ? 0 : reader.getWord(indexes + i * 2);
}

/** `count` numbers one after the other. */
export function countUp(first: number, count: number): number[] {
  const numbers = new Array<number>(count);
  for (let i = 0; i < count; i += 1) numbers[i] = first + i;
  return numbers;
}
