/**
 * What a session's token holds: for each key a hash of it and where the session stands. Keys themselves do not travel:
 * a token tells nobody what was read, and its size does not depend on theirs.
 *
 *   version 1 | processes: count 2, each name length 1, name UTF-8, incarnation 8
 *   | keys: count 4, each hash 8, time 8, process 2, sub 4, flags 1, where they say so: version 22 | MAC 16
 */
import { isWellFormed, sameProcess, type Ballot, type ProcessId } from './ballot.js';
import type { Floor } from './floor.js';
import { hashText } from './hash.js';
import { NO_VERSION, sameVersion, versionOf, type Version } from './version.js';

export const SESSION_TOKEN_VERSION = 1;

/** Where a session stands with one key. */
export interface Standing extends Floor {
  /** What it saw there was that there is no value. */
  readonly absent: boolean;
}

/** Whole numbers that keys are told apart by. Two keys of one number wait for each other in vain, at the worst. */
export type KeyHash = number;

const ABSENT = 1;
const NAMELESS = 2;
const APART = 4;
const FLAGS = ABSENT | NAMELESS | APART;
const VERSION_BYTES = 22;
const KEY_BYTES = 23;
const SECOND_SEED = 0x5e55;

export function hashOfKey(key: string): KeyHash {
  return hashText(key) * 2 ** 21 + (hashText(key, SECOND_SEED) >>> 11);
}

/** Everything but the MAC, which is made of this. */
export function encodeStandings(standings: ReadonlyMap<KeyHash, Standing>): Uint8Array {
  const processes: ProcessId[] = [];
  const places = [...standings.values()].map(({ accepted }) => placeOf(accepted, processes));
  const names = processes.map(({ node }) => new TextEncoder().encode(node));
  const head = names.reduce((bytes, name) => bytes + 1 + name.length + 8, 1 + 2);
  const apart = [...standings.values()].filter((standing) => (flagsOf(standing) & APART) !== 0).length;
  const bytes = new Uint8Array(head + 4 + standings.size * KEY_BYTES + apart * VERSION_BYTES);
  const out = new Fields(bytes);
  out.uint8(SESSION_TOKEN_VERSION);
  out.uint16(processes.length);
  for (const [index, { incarnation }] of processes.entries()) {
    out.uint8(names[index]!.length);
    out.bytes(names[index]!);
    out.incarnation(incarnation);
  }
  out.uint32(standings.size);
  let at = 0;
  for (const [hash, standing] of standings) {
    writeStanding(out, hash, standing, places[at]!);
    at += 1;
  }
  return bytes;
}

/** After its MAC was found right; undefined: it was sealed with the right secret but is none all the same. */
export function decodeStandings(encoded: Uint8Array): Map<KeyHash, Standing> | undefined {
  try {
    const from = new Fields(encoded);
    from.takeUint8();
    const processes: ProcessId[] = [];
    for (let left = from.takeUint16(); left > 0; left -= 1) {
      const node = new TextDecoder('utf-8', { fatal: true }).decode(from.take(from.takeUint8()));
      processes.push({ node, incarnation: from.takeIncarnation() });
    }
    const standings = new Map<KeyHash, Standing>();
    for (let left = from.takeUint32(); left > 0; left -= 1) {
      const [hash, standing] = readStanding(from, processes);
      if (!isWellFormed(standing.accepted)) return undefined;
      standings.set(hash, standing);
    }
    return from.isAtEnd ? standings : undefined;
  } catch {
    return undefined;
  }
}

function placeOf(accepted: Ballot, processes: ProcessId[]): number {
  const known = processes.findIndex((process) => sameProcess(process, accepted));
  if (known >= 0) return known;
  return processes.push({ node: accepted.node, incarnation: accepted.incarnation }) - 1;
}

function flagsOf({ accepted, version, absent }: Standing): number {
  const flags = absent ? ABSENT : 0;
  if (sameVersion(version, NO_VERSION)) return flags | NAMELESS;
  return sameVersion(version, versionOf(accepted, 0)) ? flags : flags | APART;
}

function writeStanding(out: Fields, hash: KeyHash, standing: Standing, process: number): void {
  const { accepted, version } = standing;
  out.float64(hash);
  out.float64(accepted.time);
  out.uint16(process);
  out.uint32(accepted.sub);
  const flags = flagsOf(standing);
  out.uint8(flags);
  if ((flags & APART) === 0) return;
  out.float64(version.time);
  out.incarnation(version.incarnation);
  out.uint32(version.sub);
  out.uint16(version.index);
}

function readStanding(from: Fields, processes: readonly ProcessId[]): [KeyHash, Standing] {
  const hash = from.takeFloat64();
  const time = from.takeFloat64();
  const { node, incarnation } = processes[from.takeUint16()] ?? { node: '', incarnation: '' };
  const accepted = { time, node, incarnation, sub: from.takeUint32() };
  const flags = from.takeUint8();
  if ((flags & ~FLAGS) !== 0) throw new RangeError('flags of a later version');
  return [hash, { accepted, version: readVersion(from, flags, accepted), absent: (flags & ABSENT) !== 0 }];
}

function readVersion(from: Fields, flags: number, accepted: Ballot): Version {
  if ((flags & NAMELESS) !== 0) return NO_VERSION;
  if ((flags & APART) === 0) return versionOf(accepted, 0);
  const time = from.takeFloat64();
  return { time, incarnation: from.takeIncarnation(), sub: from.takeUint32(), index: from.takeUint16() };
}

/** Writes or reads one field after the other; reading past the end throws a RangeError. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint8(value: number): void {
    this.#view.setUint8(this.#advance(1), value);
  }

  uint16(value: number): void {
    this.#view.setUint16(this.#advance(2), value);
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#advance(4), value);
  }

  float64(value: number): void {
    this.#view.setFloat64(this.#advance(8), value);
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#advance(value.length));
  }

  incarnation(text: string): void {
    this.uint32(parseInt(text.slice(0, 8), 16));
    this.uint32(parseInt(text.slice(8), 16));
  }

  take(length: number): Uint8Array {
    const at = this.#advance(length);
    if (this.#at > this.#bytes.length) throw new RangeError('cut short');
    return this.#bytes.subarray(at, this.#at);
  }

  takeUint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  takeUint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  takeUint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  takeFloat64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  takeIncarnation(): string {
    const hex = (word: number): string => word.toString(16).padStart(8, '0');
    return hex(this.takeUint32()) + hex(this.takeUint32());
  }

  #advance(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}
