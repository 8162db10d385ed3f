/** The details of an error in a frame: as rare as errors are, so one array each. */
import { BALLOT_TIME_MAX } from '../core/ballot.js';
import { ERROR_CODES, type ErrorDetails } from '../core/errors.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { UINT_MAX } from './number-column.js';
import { readNodeNames, readWord, writeWord } from './receipt-codec.js';

const FIELDS = 9;
const MESSAGE_CHARACTERS_MAX = 4_096;
const MESSAGE_BYTES_MAX = MESSAGE_CHARACTERS_MAX * 3;

export function writeErrors(writer: FrameWriter, errors: readonly ErrorDetails[]): void {
  writer.array(errors.length);
  for (const error of errors) {
    writer.array(FIELDS);
    writeWord(writer, ERROR_CODES, error.code);
    writer.text(error.message.slice(0, MESSAGE_CHARACTERS_MAX));
    writer.bool(error.definite);
    writer.optional(error.required);
    writer.optional(error.received);
    if (error.missing === undefined) writer.nil();
    else writer.texts(error.missing);
    writer.bool(error.retryable);
    writer.optional(error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs));
    writer.optional(error.floor);
  }
}

export function readErrors(reader: FrameReader, count: number): ErrorDetails[] {
  reader.tuple(count);
  const errors: ErrorDetails[] = [];
  for (let i = 0; i < count; i += 1) errors.push(readError(reader));
  return errors;
}

function readError(reader: FrameReader): ErrorDetails {
  reader.tuple(FIELDS);
  return {
    code: readWord(reader, ERROR_CODES),
    message: reader.text(MESSAGE_BYTES_MAX),
    definite: reader.bool(),
    required: reader.optionalUint(UINT_MAX),
    received: reader.optionalUint(UINT_MAX),
    missing: reader.nil() ? undefined : readNodeNames(reader),
    retryable: reader.bool(),
    retryAfterMs: reader.optionalUint(UINT_MAX),
    floor: reader.optionalUint(BALLOT_TIME_MAX),
  };
}
