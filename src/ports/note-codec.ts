import type { Conflict } from '../core/conflict-ledger.js';
import type { KeptHint } from '../core/hints.js';

/** What a node notes beside its records, as bytes. Unpacking throws for what was not packed so. */
export interface NoteCodec {
  packHint(hint: KeptHint): Uint8Array;
  unpackHint(bytes: Uint8Array): KeptHint;
  packConflict(conflict: Conflict): Uint8Array;
  unpackConflict(bytes: Uint8Array): Conflict;
}
