/** Hints and entries of the conflict ledger as bytes on disk. */
import { isIncarnation, NODE_NAME_LENGTH_MAX } from '../core/ballot.js';
import type { Conflict, ConflictSide } from '../core/conflict-ledger.js';
import type { KeptHint } from '../core/hints.js';
import type { Version } from '../core/version.js';
import type { NoteCodec } from '../ports/note-codec.js';
import { CodecError } from './codec-error.js';
import {
  ballotField,
  bytesField,
  flag,
  group,
  keyField,
  list,
  micros,
  packMessage,
  text,
  uint,
  unpackMessage,
  word,
  type Field,
  type Schema,
} from './plain-fields.js';
import { stateField } from './state-field.js';

const NODES_MAX = 1_024;

const node = text(NODE_NAME_LENGTH_MAX);

const incarnation: Field<string> = {
  pack: (value) => value,
  unpack: (raw) => {
    if (raw === '' || isIncarnation(raw)) return raw;
    throw new CodecError('a field that is not an incarnation');
  },
};

const version = group<Version>({ time: micros, incarnation, sub: uint(), index: uint() });

const value: Field<Uint8Array | null> = {
  pack: (bytes) => bytes,
  unpack: (raw) => (raw === null ? null : bytesField.unpack(raw)),
};

const side = group<ConflictSide>({
  version,
  ballot: ballotField,
  encoding: word(['bytes', 'msgpack']),
  value,
  valueBytes: uint(),
});

type NoteMessage = ({ readonly kind: 'hint' } & KeptHint) | ({ readonly kind: 'conflict' } & Conflict);

const NOTES: Schema<NoteMessage> = {
  hint: { target: node, key: keyField, ballot: ballotField, state: stateField, storedAtMs: uint() },
  conflict: {
    key: keyField,
    discarded: side,
    winner: side,
    certain: flag,
    heldBy: list(node, NODES_MAX),
    seenAt: micros,
  },
};

export const noteCodec: NoteCodec = {
  packHint: (hint) => packMessage<NoteMessage>(NOTES, { kind: 'hint', ...hint }),
  unpackHint: (bytes) => unpacked(bytes, 'hint'),
  packConflict: (conflict) => packMessage<NoteMessage>(NOTES, { kind: 'conflict', ...conflict }),
  unpackConflict: (bytes) => unpacked(bytes, 'conflict'),
};

function unpacked<K extends NoteMessage['kind']>(bytes: Uint8Array, kind: K): Extract<NoteMessage, { kind: K }> {
  // The note's bytes are the store's own, and what is unpacked is kept.
  const note = unpackMessage<NoteMessage>(NOTES, bytes.slice());
  if (note.kind !== kind) throw new CodecError(`a note "${note.kind}" where a ${kind} is expected`);
  return note as Extract<NoteMessage, { kind: K }>;
}
