/** What a register holds under one accepted ballot (PROTOCOL.md, "state"). Never changed once made. */
import type { Micros, ProcessId } from './ballot.js';
import { OpWindow } from './op-window.js';
import { NO_VERSION, sameVersion, type Version } from './version.js';

/** How the bytes of a value are to be read by a client; the cluster never looks inside. */
export type ValueEncoding = 'bytes' | 'msgpack';

export interface StateFields {
  readonly version: Version;
  /** null: a tombstone. */
  readonly value: Uint8Array | null;
  readonly encoding: ValueEncoding;
  /** 0: never. */
  readonly expiresAt: Micros;
  /** The process that may go on in one round trip (rule 6). */
  readonly owner: ProcessId | null;
  /** Written without a prepare round: whoever adopts it must raise the window's floor (rule 7a). */
  readonly blind: boolean;
  /** Descends from a latency write: operations served on it vouch for `quorum` only (rule 12). */
  readonly weak: boolean;
  readonly window: OpWindow;
  /** An operation minted at or before this may have been forgotten by the window. */
  readonly windowFloor: Micros;
}

/** The packed form of a state, and where its two blocks are in it. */
export interface PackedState {
  readonly bytes: Uint8Array;
  readonly windowAt: number;
  readonly windowEnd: number;
  /** It is the last block; -1: a tombstone has none. */
  readonly valueAt: number;
}

type Head = Omit<StateFields, 'value' | 'window'>;

export class State implements StateFields {
  readonly version: Version;
  readonly encoding: ValueEncoding;
  readonly expiresAt: Micros;
  readonly owner: ProcessId | null;
  readonly blind: boolean;
  readonly weak: boolean;
  readonly windowFloor: Micros;
  // Value and window as they were made, until there is a packed form: then views of that are made when somebody asks.
  // A node keeps a state for each key, and a view is larger than most values.
  #value: Uint8Array | null = null;
  #window: OpWindow | null = null;
  #packed: Uint8Array | null = null;
  #windowAt = 0;
  #windowEnd = 0;
  #valueAt = -1;

  constructor(fields: StateFields);
  constructor(head: Head, packed: PackedState);
  constructor(fields: Head & Partial<StateFields>, packed?: PackedState) {
    this.version = fields.version;
    this.encoding = fields.encoding;
    this.expiresAt = fields.expiresAt;
    this.owner = fields.owner;
    this.blind = fields.blind;
    this.weak = fields.weak;
    this.windowFloor = fields.windowFloor;
    if (packed !== undefined) this.keepPacked(packed);
    else {
      this.#value = fields.value!;
      this.#window = fields.window!;
    }
  }

  get value(): Uint8Array | null {
    if (this.#value === null && this.#valueAt >= 0) this.#value = this.#packed!.subarray(this.#valueAt);
    return this.#value;
  }

  get window(): OpWindow {
    return this.#window ?? OpWindow.view(this.#packed!.subarray(this.#windowAt, this.#windowEnd));
  }

  get hasValue(): boolean {
    return this.#packed === null ? this.#value !== null : this.#valueAt >= 0;
  }

  /** Of the value, in bytes; 0 where there is none. */
  get valueLength(): number {
    if (this.#packed === null) return this.#value?.length ?? 0;
    return this.#valueAt < 0 ? 0 : this.#packed.length - this.#valueAt;
  }

  /** Of value and window together, in bytes. */
  get size(): number {
    return this.valueLength + (this.#window?.bytes.length ?? this.#windowEnd - this.#windowAt);
  }

  /** A codec's memo of the encoded form, so that a state is encoded once whoever stores and sends it. */
  get packed(): Uint8Array | null {
    return this.#packed;
  }

  /** From now on value and window are read from there. */
  keepPacked({ bytes, windowAt, windowEnd, valueAt }: PackedState): void {
    this.#packed = bytes;
    this.#windowAt = windowAt;
    this.#windowEnd = windowEnd;
    this.#valueAt = valueAt;
    this.#value = null;
    this.#window = null;
  }

  /** The same but for what is given. */
  with(changes: Partial<StateFields>): State {
    const { version, value, encoding, expiresAt, owner, blind, weak, window, windowFloor } = this;
    return new State({ version, value, encoding, expiresAt, owner, blind, weak, window, windowFloor, ...changes });
  }

  /** The state of a key nobody wrote, where everything up to `floor` may have been forgotten. */
  static absent(floor: Micros): State {
    return new State({
      version: NO_VERSION,
      value: null,
      encoding: 'bytes',
      expiresAt: 0,
      owner: null,
      blind: false,
      weak: false,
      window: OpWindow.EMPTY,
      windowFloor: floor,
    });
  }

  /** The largest time of an operation this state knows of or has forgotten (`maxOpTime`). */
  get opTimeMax(): Micros {
    return Math.max(this.windowFloor, this.window.latest);
  }

  isExpired(now: Micros): boolean {
    return this.hasValue && this.expiresAt > 0 && this.expiresAt <= now;
  }
}

/** Rule 5: two states under one ballot must be this; anything else cannot happen. */
export function sameState(a: State, b: State): boolean {
  return (
    a === b ||
    (sameVersion(a.version, b.version) &&
      a.expiresAt === b.expiresAt &&
      a.encoding === b.encoding &&
      a.blind === b.blind &&
      a.weak === b.weak &&
      a.windowFloor === b.windowFloor &&
      a.owner?.node === b.owner?.node &&
      a.owner?.incarnation === b.owner?.incarnation &&
      sameBytes(a.value, b.value) &&
      sameBytes(a.window.bytes, b.window.bytes))
  );
}

export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
