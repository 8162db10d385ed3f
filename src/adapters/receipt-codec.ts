/** Receipt shapes: a frame's replies share a handful of them, each written once. */
import { LEVELS } from '../core/level.js';
import { POLICIES } from '../core/policy.js';
import { GUARANTEES, OPERATION_KINDS, type ReceiptShape } from '../core/receipt.js';
import { readNodeName } from './ballot-column.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';

const FIELDS = 15;
const REPLICAS_MAX = 255;
const ROUNDS_MAX = 0xffff;

export function writeReceipts(writer: FrameWriter, shapes: readonly ReceiptShape[]): void {
  writer.array(shapes.length);
  for (const shape of shapes) writeReceipt(writer, shape);
}

export function readReceipts(reader: FrameReader, countMax: number): ReceiptShape[] {
  const count = reader.array(countMax);
  const shapes: ReceiptShape[] = [];
  for (let i = 0; i < count; i += 1) shapes.push(readReceipt(reader));
  return shapes;
}

/** The position of a word of the vocabulary, which is what travels. */
export function writeWord<T>(writer: FrameWriter, words: readonly T[], word: T): void {
  writer.number(words.indexOf(word));
}

export function readWord<T>(reader: FrameReader, words: readonly T[]): T {
  return words[reader.uint(words.length - 1)]!;
}

export function readNodeNames(reader: FrameReader): string[] {
  const count = reader.array(REPLICAS_MAX);
  const names: string[] = [];
  for (let i = 0; i < count; i += 1) names.push(readNodeName(reader));
  return names;
}

function writeReceipt(writer: FrameWriter, shape: ReceiptShape): void {
  writer.array(FIELDS);
  writeWord(writer, OPERATION_KINDS, shape.operation);
  writeWord(writer, LEVELS, shape.level);
  writeWord(writer, POLICIES, shape.policy);
  writeWord(writer, GUARANTEES, shape.guarantee);
  writer.number(shape.acks);
  writer.number(shape.required);
  writer.texts(shape.replicas);
  writer.texts(shape.missing);
  writer.number(shape.hinted);
  writer.bool(shape.degraded);
  writer.number(shape.durableCopies);
  writer.number(Math.min(shape.rounds, ROUNDS_MAX));
  writer.text(shape.coordinator);
  writer.bool(shape.replayed);
  writer.bool(shape.superseded);
}

function readReceipt(reader: FrameReader): ReceiptShape {
  reader.tuple(FIELDS);
  return {
    operation: readWord(reader, OPERATION_KINDS),
    level: readWord(reader, LEVELS),
    policy: readWord(reader, POLICIES),
    guarantee: readWord(reader, GUARANTEES),
    acks: reader.uint(REPLICAS_MAX),
    required: reader.uint(REPLICAS_MAX),
    replicas: readNodeNames(reader),
    missing: readNodeNames(reader),
    hinted: reader.uint(REPLICAS_MAX),
    degraded: reader.bool(),
    durableCopies: reader.uint(REPLICAS_MAX),
    rounds: reader.uint(ROUNDS_MAX),
    coordinator: readNodeName(reader),
    replayed: reader.bool(),
    superseded: reader.bool(),
  };
}
