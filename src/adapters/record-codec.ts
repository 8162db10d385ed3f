/**
 * A replica's record of one key as bytes on disk.
 *
 *   format 1 | checksum 4 | flags 1 | maxOpTime 8 | [promised] | [accepted] | [state]
 *
 * A ballot is: time 8 | sub 4 | incarnation 8 | length of the name 1 | name. One that is none is left out,
 * and so is the promise when it is the accepted ballot, which is the usual case.
 */
import { crc32 } from 'node:zlib';
import { BALLOT_SUB_MAX, isNone, NO_BALLOT, sameBallot, type Ballot } from '../core/ballot.js';
import { INCARNATION_BYTES } from '../core/packed-incarnation.js';
import { readUint32, writeUint32 } from '../core/packed-numbers.js';
import type { Record } from '../core/register.js';
import { slabAllocator } from '../core/small-bytes.js';
import { CodecError } from './codec-error.js';
import { packName, readIncarnation, unpackName, writeIncarnation } from './packed-names.js';
import { readTime, TIME_BYTES, writeTime } from './packed-times.js';
import { decodeState, encodeState } from './state-codec.js';

const FORMAT = 1;

const PROMISED = 1;
const ACCEPTED = 2;
const PROMISED_IS_ACCEPTED = 4;
const HAS_VALUE = 8;
const KNOWN_FLAGS = 15;

const CHECKSUM_AT = 1;
/** The checksum covers everything from here to the end. */
const FLAGS_AT = 5;
const MAX_OP_TIME_AT = 6;
const HEAD_BYTES = MAX_OP_TIME_AT + TIME_BYTES;

const SUB_AT = TIME_BYTES;
const INCARNATION_AT = SUB_AT + 4;
const NAME_LENGTH_AT = INCARNATION_AT + INCARNATION_BYTES;
const NAME_AT = NAME_LENGTH_AT + 1;

const allocateBytes = slabAllocator(64 * 1024);

/** Short-lived bytes: write them out or copy them. Throws {@link CodecError} for a record that cannot be. */
export function encodeRecord(record: Record): Uint8Array {
  const { promised, accepted, state } = record;
  if ((state === null) !== isNone(accepted)) throw new CodecError('a record has a state exactly where it has accepted');
  const flags = flagsOf(record);
  const packed = state === null ? null : encodeState(state);
  const bytes = allocateBytes(
    HEAD_BYTES +
      ((flags & PROMISED) === 0 ? 0 : ballotBytes(promised)) +
      ((flags & ACCEPTED) === 0 ? 0 : ballotBytes(accepted)) +
      (packed === null ? 0 : packed.length),
  );
  bytes[0] = FORMAT;
  bytes[FLAGS_AT] = flags;
  writeTime(bytes, MAX_OP_TIME_AT, record.maxOpTime);
  let at = HEAD_BYTES;
  if ((flags & PROMISED) !== 0) at = writeBallot(bytes, at, promised);
  if ((flags & ACCEPTED) !== 0) at = writeBallot(bytes, at, accepted);
  if (packed !== null) bytes.set(packed, at);
  writeUint32(bytes, CHECKSUM_AT, checksum(bytes));
  return bytes;
}

/** Throws {@link CodecError} for anything that {@link encodeRecord} did not make; keeps nothing of `bytes`. */
export function decodeRecord(bytes: Uint8Array): Record {
  const flags = verify(bytes);
  const maxOpTime = readTime(bytes, MAX_OP_TIME_AT);
  let at = HEAD_BYTES;
  let promised = NO_BALLOT;
  if ((flags & PROMISED) !== 0) {
    promised = readBallot(bytes, at);
    at += NAME_AT + bytes[at + NAME_LENGTH_AT]!;
  }
  if ((flags & ACCEPTED) === 0) {
    if (at !== bytes.length) throw new CodecError('a record without a state is followed by other bytes');
    return { promised, accepted: NO_BALLOT, state: null, maxOpTime };
  }
  const accepted = readBallot(bytes, at);
  at += NAME_AT + bytes[at + NAME_LENGTH_AT]!;
  if ((flags & PROMISED_IS_ACCEPTED) !== 0) promised = accepted;
  const state = decodeState(bytes.subarray(at));
  if (state.hasValue !== ((flags & HAS_VALUE) !== 0)) throw new CodecError('a record contradicts its state');
  return { promised, accepted, state, maxOpTime };
}

/** Whether there is a value, found without decoding it; false for a tombstone or a mere promise. */
export function recordHasValue(bytes: Uint8Array): boolean {
  return (verify(bytes) & HAS_VALUE) !== 0;
}

function flagsOf({ promised, accepted, state }: Record): number {
  const hasValue = state?.hasValue === true ? HAS_VALUE : 0;
  if (isNone(accepted)) return isNone(promised) ? 0 : PROMISED;
  if (sameBallot(promised, accepted)) return hasValue | ACCEPTED | PROMISED_IS_ACCEPTED;
  return hasValue | ACCEPTED | (isNone(promised) ? 0 : PROMISED);
}

/** The flags of bytes that are whole. */
function verify(bytes: Uint8Array): number {
  if (bytes.length < HEAD_BYTES) throw new CodecError('a record is cut short');
  if (bytes[0] !== FORMAT) throw new CodecError(`a record of unknown format ${bytes[0]}`);
  if (readUint32(bytes, CHECKSUM_AT) !== checksum(bytes)) throw new CodecError('the checksum of a record is wrong');
  const flags = bytes[FLAGS_AT]!;
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new CodecError(`a record with unknown flags ${flags}`);
  return flags;
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(FLAGS_AT));
}

function ballotBytes(ballot: Ballot): number {
  return NAME_AT + packName(ballot.node).length;
}

function writeBallot(bytes: Uint8Array, at: number, ballot: Ballot): number {
  if (!Number.isInteger(ballot.sub) || ballot.sub < 0 || ballot.sub > BALLOT_SUB_MAX) {
    throw new CodecError(`not the sub of a ballot: ${ballot.sub}`);
  }
  const name = packName(ballot.node);
  writeTime(bytes, at, ballot.time);
  writeUint32(bytes, at + SUB_AT, ballot.sub);
  writeIncarnation(bytes, at + INCARNATION_AT, ballot.incarnation);
  bytes[at + NAME_LENGTH_AT] = name.length;
  bytes.set(name, at + NAME_AT);
  return at + NAME_AT + name.length;
}

function readBallot(bytes: Uint8Array, at: number): Ballot {
  if (at + NAME_AT > bytes.length) throw new CodecError('a record is cut short');
  const length = bytes[at + NAME_LENGTH_AT]!;
  if (at + NAME_AT + length > bytes.length) throw new CodecError('a record is cut short');
  const time = readTime(bytes, at);
  if (time === 0) throw new CodecError('a record spells out a ballot that is none');
  return {
    time,
    node: unpackName(bytes, at + NAME_AT, length),
    incarnation: readIncarnation(bytes, at + INCARNATION_AT),
    sub: readUint32(bytes, at + SUB_AT),
  };
}
