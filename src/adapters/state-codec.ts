/**
 * A register's state as bytes: the same ones in a frame and on disk, made once for each state.
 *
 *   format 2 | flags 1 | version 22 | windowFloor 8 | [expiresAt 8] | [owner: length 1, name, incarnation 8]
 *   | window length 4, window | [value length 4, value]
 */
import type { Micros, ProcessId } from '../core/ballot.js';
import { valueProblem } from '../core/limits.js';
import { OpWindow } from '../core/op-window.js';
import { INCARNATION_BYTES } from '../core/packed-incarnation.js';
import { readUint16, readUint32, writeUint16, writeUint32 } from '../core/packed-numbers.js';
import { slabAllocator } from '../core/small-bytes.js';
import { State } from '../core/state.js';
import type { Version } from '../core/version.js';
import { CodecError } from './codec-error.js';
import { packName, readIncarnation, unpackName, writeIncarnation } from './packed-names.js';
import { readTime, TIME_BYTES, writeTime } from './packed-times.js';

const FORMAT = 2;

const HAS_VALUE = 1;
const MSGPACK = 2;
const EXPIRES = 4;
const HAS_OWNER = 8;
const BLIND = 16;
const WEAK = 32;
const KNOWN_FLAGS = 63;

const FLAGS_AT = 1;
const VERSION_AT = 2;
const VERSION_BYTES = TIME_BYTES + INCARNATION_BYTES + 4 + 2;
const FLOOR_AT = VERSION_AT + VERSION_BYTES;
const HEAD_BYTES = FLOOR_AT + TIME_BYTES;
const LENGTH_BYTES = 4;

/** A state that lives on keeps 2 KiB at worst. */
const allocateBytes = slabAllocator(2048);

/** The bytes of a state; the same array every time, and not to be changed. */
export function encodeState(state: State): Uint8Array {
  return state.packed ?? pack(state);
}

/**
 * The state in `bytes`, which is copied once, and read from that copy.
 * Throws {@link CodecError} for anything that {@link encodeState} did not make.
 */
export function decodeState(bytes: Uint8Array): State {
  const packed = allocateBytes(bytes.length);
  packed.set(bytes);
  return unpack(packed);
}

/** A state from another process: what no node would take from a client is not taken from a peer either. */
export function readState(bytes: Uint8Array): State {
  const state = decodeState(bytes);
  // Not by the value itself: a view that is made stays with the state.
  const problem = valueProblem({ length: state.valueLength });
  if (problem !== undefined) throw new CodecError(problem);
  return state;
}

function pack(state: State): Uint8Array {
  const { value, owner } = state;
  const name = owner === null ? null : packName(owner.node);
  const window = state.window.bytes;
  const bytes = allocateBytes(
    HEAD_BYTES +
      (state.expiresAt === 0 ? 0 : TIME_BYTES) +
      (name === null ? 0 : 1 + name.length + INCARNATION_BYTES) +
      (LENGTH_BYTES + window.length) +
      (value === null ? 0 : LENGTH_BYTES + value.length),
  );
  bytes[0] = FORMAT;
  bytes[FLAGS_AT] = flagsOf(state);
  writeVersion(bytes, VERSION_AT, state.version);
  writeTime(bytes, FLOOR_AT, state.windowFloor);
  let at = HEAD_BYTES;
  if (state.expiresAt !== 0) {
    writeTime(bytes, at, state.expiresAt);
    at += TIME_BYTES;
  }
  if (owner !== null && name !== null) at = writeOwner(bytes, at, name, owner.incarnation);
  const windowEnd = writeBlock(bytes, at, window);
  if (value !== null) writeBlock(bytes, windowEnd, value);
  const valueAt = value === null ? -1 : windowEnd + LENGTH_BYTES;
  state.keepPacked({ bytes, windowAt: windowEnd - window.length, windowEnd, valueAt });
  return bytes;
}

function unpack(bytes: Uint8Array): State {
  if (bytes.length < HEAD_BYTES) throw new CodecError('a state is cut short');
  if (bytes[0] !== FORMAT) throw new CodecError(`a state of unknown format ${bytes[0]}`);
  const flags = bytes[FLAGS_AT]!;
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new CodecError(`a state with unknown flags ${flags}`);
  let at = HEAD_BYTES;
  let expiresAt: Micros = 0;
  if ((flags & EXPIRES) !== 0) {
    requireBytes(bytes, at, TIME_BYTES);
    expiresAt = readTime(bytes, at);
    at += TIME_BYTES;
  }
  let owner: ProcessId | null = null;
  if ((flags & HAS_OWNER) !== 0) {
    owner = readOwner(bytes, at);
    at += 1 + bytes[at]! + INCARNATION_BYTES;
  }
  const windowAt = at + LENGTH_BYTES;
  const windowEnd = endOfBlock(bytes, at);
  checkWindow(bytes.subarray(windowAt, windowEnd));
  const hasValue = (flags & HAS_VALUE) !== 0;
  const end = hasValue ? endOfBlock(bytes, windowEnd) : windowEnd;
  if (end !== bytes.length) throw new CodecError('a state is followed by other bytes');
  const head = {
    version: readVersion(bytes, VERSION_AT),
    encoding: (flags & MSGPACK) === 0 ? 'bytes' : 'msgpack',
    expiresAt,
    owner,
    blind: (flags & BLIND) !== 0,
    weak: (flags & WEAK) !== 0,
    windowFloor: readTime(bytes, FLOOR_AT),
  } as const;
  return new State(head, { bytes, windowAt, windowEnd, valueAt: hasValue ? windowEnd + LENGTH_BYTES : -1 });
}

function flagsOf(state: State): number {
  return (
    (state.hasValue ? HAS_VALUE : 0) |
    (state.encoding === 'msgpack' ? MSGPACK : 0) |
    (state.expiresAt === 0 ? 0 : EXPIRES) |
    (state.owner === null ? 0 : HAS_OWNER) |
    (state.blind ? BLIND : 0) |
    (state.weak ? WEAK : 0)
  );
}

function writeVersion(bytes: Uint8Array, at: number, version: Version): void {
  writeTime(bytes, at, version.time);
  writeIncarnation(bytes, at + 8, version.incarnation);
  writeUint32(bytes, at + 16, version.sub);
  writeUint16(bytes, at + 20, version.index);
}

function readVersion(bytes: Uint8Array, at: number): Version {
  return {
    time: readTime(bytes, at),
    incarnation: readIncarnation(bytes, at + 8),
    sub: readUint32(bytes, at + 16),
    index: readUint16(bytes, at + 20),
  };
}

function writeOwner(bytes: Uint8Array, at: number, name: Uint8Array, incarnation: string): number {
  bytes[at] = name.length;
  bytes.set(name, at + 1);
  writeIncarnation(bytes, at + 1 + name.length, incarnation);
  return at + 1 + name.length + INCARNATION_BYTES;
}

function readOwner(bytes: Uint8Array, at: number): ProcessId {
  requireBytes(bytes, at, 1);
  const length = bytes[at]!;
  requireBytes(bytes, at, 1 + length + INCARNATION_BYTES);
  return { node: unpackName(bytes, at + 1, length), incarnation: readIncarnation(bytes, at + 1 + length) };
}

function checkWindow(bytes: Uint8Array): void {
  if (OpWindow.fromBytes(bytes) === undefined) throw new CodecError('the operation window of a state is damaged');
}

function writeBlock(bytes: Uint8Array, at: number, block: Uint8Array): number {
  writeUint32(bytes, at, block.length);
  bytes.set(block, at + LENGTH_BYTES);
  return at + LENGTH_BYTES + block.length;
}

/** Of the block whose length is at `at`. */
function endOfBlock(bytes: Uint8Array, at: number): number {
  requireBytes(bytes, at, LENGTH_BYTES);
  const length = readUint32(bytes, at);
  requireBytes(bytes, at, LENGTH_BYTES + length);
  return at + LENGTH_BYTES + length;
}

function requireBytes(bytes: Uint8Array, at: number, count: number): void {
  if (at + count > bytes.length) throw new CodecError('a state is cut short');
}
