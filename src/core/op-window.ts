/**
 * The last K operations applied to a register, kept inside its state so that a retry is answered from the
 * record instead of being applied twice (PROTOCOL.md rules 7, 13 and 14).
 *
 * Packed as fixed-size entries in one byte array: most replicas only store and forward a window, so nothing
 * is decoded until a coordinator looks an operation up, and adding one is a copy.
 */
import type { Ballot, Micros } from './ballot.js';
import { sameVersion, type Version } from './version.js';

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

const OP_TIME = 0;
const OP_INCARNATION = 8;
const FINGERPRINT = 16;
const FLAGS = 20;
const VERSION_TIME = 21;
const VERSION_INCARNATION = 29;
const VERSION_SUB = 37;
const VERSION_INDEX = 41;
const ENTRY_BYTES = 43;

const APPLIED = 1;
const EXISTED = 2;
const WEAK = 4;

export class OpWindow {
  static get EMPTY(): OpWindow {
    return EMPTY;
  }

  readonly #bytes: Uint8Array;
  #view: DataView | undefined;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A window from its packed form; undefined if the bytes are not one. */
  static fromBytes(bytes: Uint8Array): OpWindow | undefined {
    return bytes.length % ENTRY_BYTES === 0 ? new OpWindow(bytes) : undefined;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get size(): number {
    return this.#bytes.length / ENTRY_BYTES;
  }

  /** What became of an operation, if it is still remembered. */
  find(op: Ballot): WindowEntry | undefined {
    const view = this.#dataView();
    for (let at = this.#bytes.length - ENTRY_BYTES; at >= 0; at -= ENTRY_BYTES) {
      if (view.getFloat64(at + OP_TIME) !== op.time) continue;
      if (readIncarnation(view, at + OP_INCARNATION) === op.incarnation) return readEntry(view, at);
    }
    return undefined;
  }

  /** Whether a remembered operation created this version, or found it there. */
  names(version: Version): boolean {
    const view = this.#dataView();
    for (let at = 0; at < this.#bytes.length; at += ENTRY_BYTES) {
      if (view.getFloat64(at + VERSION_TIME) === version.time && sameVersion(readEntry(view, at).version, version)) {
        return true;
      }
    }
    return false;
  }

  /** The largest time of a remembered operation, 0 if there is none. */
  get latest(): Micros {
    const view = this.#dataView();
    let latest = 0;
    for (let at = OP_TIME; at < this.#bytes.length; at += ENTRY_BYTES) latest = Math.max(latest, view.getFloat64(at));
    return latest;
  }

  entries(): WindowEntry[] {
    const view = this.#dataView();
    return Array.from({ length: this.size }, (_, index) => readEntry(view, index * ENTRY_BYTES));
  }

  /**
   * This window with one more entry. Entries older than `expired` leave, then the oldest ones until at
   * most `limit` are left; the caller raises its windowFloor to `forgotten`.
   */
  append(entry: WindowEntry, limit: number, expired: Micros): Appended {
    const view = this.#dataView();
    const kept: number[] = [];
    let forgotten = 0;
    for (let at = 0; at < this.#bytes.length; at += ENTRY_BYTES) {
      const opTime = view.getFloat64(at + OP_TIME);
      if (opTime <= expired) forgotten = Math.max(forgotten, opTime);
      else kept.push(at);
    }
    while (kept.length >= limit) {
      const oldest = indexOfOldest(view, kept);
      forgotten = Math.max(forgotten, view.getFloat64(kept[oldest]! + OP_TIME));
      kept.splice(oldest, 1);
    }
    return { window: this.#copy(kept, entry), forgotten };
  }

  #copy(kept: readonly number[], entry: WindowEntry): OpWindow {
    const bytes = new Uint8Array((kept.length + 1) * ENTRY_BYTES);
    if (kept.length * ENTRY_BYTES === this.#bytes.length) bytes.set(this.#bytes);
    else
      kept.forEach((at, index) => {
        bytes.set(this.#bytes.subarray(at, at + ENTRY_BYTES), index * ENTRY_BYTES);
      });
    const window = new OpWindow(bytes);
    writeEntry(window.#dataView(), kept.length * ENTRY_BYTES, entry);
    return window;
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }
}

const EMPTY = OpWindow.fromBytes(new Uint8Array(0))!;

function indexOfOldest(view: DataView, offsets: readonly number[]): number {
  let oldest = 0;
  for (let i = 1; i < offsets.length; i += 1) {
    if (view.getFloat64(offsets[i]! + OP_TIME) < view.getFloat64(offsets[oldest]! + OP_TIME)) oldest = i;
  }
  return oldest;
}

function readEntry(view: DataView, at: number): WindowEntry {
  const flags = view.getUint8(at + FLAGS);
  return {
    opTime: view.getFloat64(at + OP_TIME),
    opIncarnation: readIncarnation(view, at + OP_INCARNATION),
    fingerprint: view.getUint32(at + FINGERPRINT),
    applied: (flags & APPLIED) !== 0,
    existed: (flags & EXISTED) !== 0,
    weak: (flags & WEAK) !== 0,
    version: {
      time: view.getFloat64(at + VERSION_TIME),
      incarnation: readIncarnation(view, at + VERSION_INCARNATION),
      sub: view.getUint32(at + VERSION_SUB),
      index: view.getUint16(at + VERSION_INDEX),
    },
  };
}

function writeEntry(view: DataView, at: number, entry: WindowEntry): void {
  view.setFloat64(at + OP_TIME, entry.opTime);
  writeIncarnation(view, at + OP_INCARNATION, entry.opIncarnation);
  view.setUint32(at + FINGERPRINT, entry.fingerprint);
  const flags = (entry.applied ? APPLIED : 0) | (entry.existed ? EXISTED : 0) | (entry.weak ? WEAK : 0);
  view.setUint8(at + FLAGS, flags);
  view.setFloat64(at + VERSION_TIME, entry.version.time);
  writeIncarnation(view, at + VERSION_INCARNATION, entry.version.incarnation);
  view.setUint32(at + VERSION_SUB, entry.version.sub);
  view.setUint16(at + VERSION_INDEX, entry.version.index);
}

function readIncarnation(view: DataView, at: number): string {
  return hex32(view.getUint32(at)) + hex32(view.getUint32(at + 4));
}

function writeIncarnation(view: DataView, at: number, incarnation: string): void {
  view.setUint32(at, parseInt(incarnation.slice(0, 8), 16));
  view.setUint32(at + 4, parseInt(incarnation.slice(8), 16));
}

function hex32(word: number): string {
  return word.toString(16).padStart(8, '0');
}
