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

export class State implements StateFields {
  readonly version: Version;
  readonly value: Uint8Array | null;
  readonly encoding: ValueEncoding;
  readonly expiresAt: Micros;
  readonly owner: ProcessId | null;
  readonly blind: boolean;
  readonly weak: boolean;
  readonly window: OpWindow;
  readonly windowFloor: Micros;
  /** A codec's memo of the encoded form, so that a state is encoded once whoever stores and sends it. */
  packed: Uint8Array | null = null;

  constructor(fields: StateFields) {
    this.version = fields.version;
    this.value = fields.value;
    this.encoding = fields.encoding;
    this.expiresAt = fields.expiresAt;
    this.owner = fields.owner;
    this.blind = fields.blind;
    this.weak = fields.weak;
    this.window = fields.window;
    this.windowFloor = fields.windowFloor;
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
    return this.value !== null && this.expiresAt > 0 && this.expiresAt <= now;
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
