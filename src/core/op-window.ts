/**
 * The last K operations applied to a register, kept inside its state so that a retry is answered from the
 * record instead of being applied twice (PROTOCOL.md rules 7, 13 and 14).
 *
 * Packed in one byte array: most replicas only store and forward a window, so nothing is decoded until a coordinator
 * looks an operation up, and adding one is a copy. A window can outweigh a small value, and its operations come from
 * few clients and mostly follow each other under one owner: what they share is there once.
 *
 *   processes 1 | origins 1 | each process: incarnation 8 | each origin: time 8, incarnation 8 | entries, oldest first
 *
 * An entry is: opTime 8 | fingerprint 4 | flags 1 | its process 1 | the origin of its version 1 | sub 4 | index 2.
 * Nothing at all is the empty window.
 */
import type { Ballot, Micros } from './ballot.js';
import { readUint16, readUint32, readUint64, WORD, writeUint16, writeUint32, writeUint64 } from './packed-numbers.js';
import {
  INCARNATION_BYTES,
  isIncarnationAt,
  packedIncarnation,
  readIncarnation,
  writeIncarnation,
} from './packed-incarnation.js';
import { PackedRows } from './packed-rows.js';
import { slabAllocator } from './small-bytes.js';
import type { Version } from './version.js';

/** What an operation did when it was applied; the answer every retry gets. */
export interface WindowEntry {
  readonly opTime: Micros;
  readonly opIncarnation: string;
  /** Hash of the payload: the same operation id with another payload is OP_MISMATCH. */
  readonly fingerprint: number;
  /** False: a condition failed, and that too is an outcome that must not change on a retry. */
  readonly applied: boolean;
  /** Whether the key had a value before. */
  readonly existed: boolean;
  /** Served on a weak state: its answer vouches for `quorum` only, on a retry too (rule 12). */
  readonly weak: boolean;
  /** The version created, or the one that failed the comparison. */
  readonly version: Version;
}

export interface Appended {
  readonly window: OpWindow;
  /** The largest opTime that had to be forgotten, 0 if none was. */
  readonly forgotten: Micros;
}

const PROCESSES = 0;
const ORIGINS = 1;
const HEAD_BYTES = 2;
const PROCESS_BYTES = INCARNATION_BYTES;
const ORIGIN_INCARNATION = 8;
const ORIGIN_BYTES = ORIGIN_INCARNATION + INCARNATION_BYTES;

const OP_TIME = 0;
const FINGERPRINT = 8;
const FLAGS = 12;
const PROCESS = 13;
const ORIGIN = 14;
const SUB = 15;
const INDEX = 19;
const ENTRY_BYTES = 21;

const APPLIED = 1;
const EXISTED = 2;
const WEAK = 4;
const KNOWN_FLAGS = 7;

const allocateBytes = slabAllocator(4096);

/** Each entry may have a process and an origin of its own, and their places are bytes. */
const ENTRIES_MAX = 127;

export class OpWindow {
  static get EMPTY(): OpWindow {
    return EMPTY;
  }

  /** The packed form; not to be changed. */
  readonly bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A window from its packed form; undefined if the bytes are not one. */
  static fromBytes(bytes: Uint8Array): OpWindow | undefined {
    return isWindow(bytes) ? new OpWindow(bytes) : undefined;
  }

  /** A window from bytes that are known to be one. */
  static view(bytes: Uint8Array): OpWindow {
    return new OpWindow(bytes);
  }

  get size(): number {
    return (this.bytes.length - this.#first) / ENTRY_BYTES;
  }

  /** What became of an operation, if it is still remembered. */
  find(op: Pick<Ballot, 'time' | 'incarnation'>): WindowEntry | undefined {
    const { bytes } = this;
    const first = this.#first;
    const process = first === 0 ? -1 : this.#processOf(op.incarnation);
    if (process < 0) return undefined;
    const [high, low] = [Math.floor(op.time / WORD), op.time >>> 0];
    for (let at = bytes.length - ENTRY_BYTES; at >= first; at -= ENTRY_BYTES) {
      if (bytes[at + PROCESS] !== process || readUint32(bytes, at + OP_TIME + 4) !== low) continue;
      if (readUint32(bytes, at + OP_TIME) === high) return readEntry(bytes, at);
    }
    return undefined;
  }

  /** Whether a remembered operation created this version, or found it there. */
  names(version: Version): boolean {
    const { bytes } = this;
    const first = this.#first;
    const origin = first === 0 ? -1 : this.#originOf(version);
    if (origin < 0) return false;
    for (let at = first; at < bytes.length; at += ENTRY_BYTES) {
      if (bytes[at + ORIGIN] !== origin || readUint32(bytes, at + SUB) !== version.sub) continue;
      if (readUint16(bytes, at + INDEX) === version.index) return true;
    }
    return false;
  }

  /** The largest time of a remembered operation, 0 if there is none. */
  get latest(): Micros {
    const { bytes } = this;
    let latest = 0;
    for (let at = this.#first; at < bytes.length; at += ENTRY_BYTES) {
      latest = Math.max(latest, readUint64(bytes, at + OP_TIME));
    }
    return latest;
  }

  entries(): WindowEntry[] {
    const first = this.#first;
    return Array.from({ length: this.size }, (_, index) => readEntry(this.bytes, first + index * ENTRY_BYTES));
  }

  /**
   * This window with one more entry. Entries older than `expired` leave, then the oldest ones until at
   * most `limit` are left; the caller raises its windowFloor to `forgotten`.
   *
   * @param limit - at most 127
   */
  append(entry: WindowEntry, limit: number, expired: Micros): Appended {
    const { bytes } = this;
    const kept: number[] = [];
    let forgotten = 0;
    for (let at = this.#first; at < bytes.length; at += ENTRY_BYTES) {
      const opTime = readUint64(bytes, at + OP_TIME);
      if (opTime <= expired) forgotten = Math.max(forgotten, opTime);
      else kept.push(at);
    }
    while (kept.length >= Math.min(limit, ENTRIES_MAX)) {
      const oldest = indexOfOldest(bytes, kept);
      forgotten = Math.max(forgotten, readUint64(bytes, kept[oldest]! + OP_TIME));
      kept.splice(oldest, 1);
    }
    return { window: this.#with(entry, kept), forgotten };
  }

  /** The entries at `kept`, and this one. What the entries that leave had for themselves leaves with them. */
  #with(entry: WindowEntry, kept: readonly number[]): OpWindow {
    const processes = new PackedRows(this.bytes, HEAD_BYTES, this.#processes, PROCESS_BYTES);
    const origins = new PackedRows(this.bytes, this.#originsAt, this.#origins, ORIGIN_BYTES);
    for (const at of kept) {
      processes.keep(this.bytes[at + PROCESS]!);
      origins.keep(this.bytes[at + ORIGIN]!);
    }
    const [knownProcess, knownOrigin] = [this.#processOf(entry.opIncarnation), this.#originOf(entry.version)];
    const process = processes.take(knownProcess);
    const origin = origins.take(knownOrigin);
    const originsAt = HEAD_BYTES + processes.count * PROCESS_BYTES;
    const first = originsAt + origins.count * ORIGIN_BYTES;
    const bytes = allocateBytes(first + (kept.length + 1) * ENTRY_BYTES);
    bytes[PROCESSES] = processes.count;
    bytes[ORIGINS] = origins.count;
    processes.copyTo(bytes, HEAD_BYTES);
    origins.copyTo(bytes, originsAt);
    copyEntries(this.bytes, kept, bytes, first);
    if (!processes.areInPlace || !origins.areInPlace) {
      for (let at = first; at < first + kept.length * ENTRY_BYTES; at += ENTRY_BYTES) {
        bytes[at + PROCESS] = processes.placeOf(bytes[at + PROCESS]!);
        bytes[at + ORIGIN] = origins.placeOf(bytes[at + ORIGIN]!);
      }
    }
    if (knownProcess < 0) writeIncarnation(bytes, HEAD_BYTES + process * PROCESS_BYTES, entry.opIncarnation);
    if (knownOrigin < 0) writeOrigin(bytes, originsAt + origin * ORIGIN_BYTES, entry.version);
    writeEntry(bytes, first + kept.length * ENTRY_BYTES, entry, process, origin);
    return new OpWindow(bytes);
  }

  /** How many there are. */
  get #processes(): number {
    return this.bytes[PROCESSES] ?? 0;
  }

  get #origins(): number {
    return this.bytes[ORIGINS] ?? 0;
  }

  get #originsAt(): number {
    return HEAD_BYTES + this.#processes * PROCESS_BYTES;
  }

  /** Where the entries begin. */
  get #first(): number {
    return firstEntry(this.bytes);
  }

  /** The place of a process, -1 if it has none. */
  #processOf(incarnation: string): number {
    const packed = packedIncarnation(incarnation);
    for (let place = 0; place < this.#processes; place += 1) {
      if (isIncarnationAt(this.bytes, HEAD_BYTES + place * PROCESS_BYTES, packed)) return place;
    }
    return -1;
  }

  #originOf({ time, incarnation }: Version): number {
    const packed = packedIncarnation(incarnation);
    let at = this.#originsAt;
    for (let place = 0; place < this.#origins; place += 1, at += ORIGIN_BYTES) {
      if (readUint64(this.bytes, at) !== time) continue;
      if (isIncarnationAt(this.bytes, at + ORIGIN_INCARNATION, packed)) return place;
    }
    return -1;
  }
}

const EMPTY = OpWindow.fromBytes(new Uint8Array(0))!;

function firstEntry(bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  return HEAD_BYTES + bytes[PROCESSES]! * PROCESS_BYTES + bytes[ORIGINS]! * ORIGIN_BYTES;
}

/** Whether the bytes, which may come from anywhere, can be read as a window: no place leads out of its table. */
function isWindow(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  if (bytes.length < HEAD_BYTES) return false;
  const [processes, origins, first] = [bytes[PROCESSES]!, bytes[ORIGINS]!, firstEntry(bytes)];
  const entries = (bytes.length - first) / ENTRY_BYTES;
  if (!Number.isInteger(entries) || entries < 1 || entries > ENTRIES_MAX) return false;
  if (processes > entries || origins > entries) return false;
  for (let at = HEAD_BYTES + processes * PROCESS_BYTES; at < first; at += ORIGIN_BYTES) {
    if (readUint64(bytes, at) > Number.MAX_SAFE_INTEGER) return false;
  }
  for (let at = first; at < bytes.length; at += ENTRY_BYTES) {
    if (readUint64(bytes, at + OP_TIME) > Number.MAX_SAFE_INTEGER) return false;
    if (bytes[at + PROCESS]! >= processes || bytes[at + ORIGIN]! >= origins) return false;
    if ((bytes[at + FLAGS]! & ~KNOWN_FLAGS) !== 0) return false;
  }
  return true;
}

/** The entries at `kept`, one after the other; neighbours go together. */
function copyEntries(from: Uint8Array, kept: readonly number[], to: Uint8Array, toAt: number): void {
  let at = toAt;
  for (let next = 0; next < kept.length;) {
    const begin = kept[next]!;
    let end = begin;
    for (; kept[next] === end; next += 1) end += ENTRY_BYTES;
    to.set(from.subarray(begin, end), at);
    at += end - begin;
  }
}

function indexOfOldest(bytes: Uint8Array, offsets: readonly number[]): number {
  let oldest = 0;
  for (let i = 1; i < offsets.length; i += 1) {
    if (readUint64(bytes, offsets[i]! + OP_TIME) < readUint64(bytes, offsets[oldest]! + OP_TIME)) oldest = i;
  }
  return oldest;
}

function readEntry(bytes: Uint8Array, at: number): WindowEntry {
  const flags = bytes[at + FLAGS]!;
  const origin = HEAD_BYTES + bytes[PROCESSES]! * PROCESS_BYTES + bytes[at + ORIGIN]! * ORIGIN_BYTES;
  return {
    opTime: readUint64(bytes, at + OP_TIME),
    opIncarnation: readIncarnation(bytes, HEAD_BYTES + bytes[at + PROCESS]! * PROCESS_BYTES),
    fingerprint: readUint32(bytes, at + FINGERPRINT),
    applied: (flags & APPLIED) !== 0,
    existed: (flags & EXISTED) !== 0,
    weak: (flags & WEAK) !== 0,
    version: {
      time: readUint64(bytes, origin),
      incarnation: readIncarnation(bytes, origin + ORIGIN_INCARNATION),
      sub: readUint32(bytes, at + SUB),
      index: readUint16(bytes, at + INDEX),
    },
  };
}

function writeEntry(bytes: Uint8Array, at: number, entry: WindowEntry, process: number, origin: number): void {
  writeUint64(bytes, at + OP_TIME, entry.opTime);
  writeUint32(bytes, at + FINGERPRINT, entry.fingerprint);
  bytes[at + FLAGS] = (entry.applied ? APPLIED : 0) | (entry.existed ? EXISTED : 0) | (entry.weak ? WEAK : 0);
  bytes[at + PROCESS] = process;
  bytes[at + ORIGIN] = origin;
  writeUint32(bytes, at + SUB, entry.version.sub);
  writeUint16(bytes, at + INDEX, entry.version.index);
}

function writeOrigin(bytes: Uint8Array, at: number, { time, incarnation }: Version): void {
  writeUint64(bytes, at, time);
  writeIncarnation(bytes, at + ORIGIN_INCARNATION, incarnation);
}
