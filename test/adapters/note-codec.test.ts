import test from 'ava';
import { CodecError } from '../../src/adapters/codec-error.js';
import { noteCodec } from '../../src/adapters/note-codec.js';
import { versionOf, NO_VERSION } from '../../src/core/version.js';
import type { ConflictSide } from '../../src/core/conflict-ledger.js';
import { ballotAt, stateOf } from '../conformance/records.js';

const side = (time: number, value: Uint8Array | null): ConflictSide => ({
  version: time === 0 ? NO_VERSION : versionOf(ballotAt(time), 3),
  ballot: ballotAt(time + 1),
  encoding: 'msgpack',
  value,
  valueBytes: value?.length ?? 0,
});

test('a hint is read back as it was kept', (t) => {
  const hint = { target: 'n3', key: 'k', ballot: ballotAt(2, 4), state: stateOf(), storedAtMs: 1_760_000_000_000 };
  const read = noteCodec.unpackHint(noteCodec.packHint(hint));
  t.like(read, { ...hint, state: { value: hint.state.value, windowFloor: hint.state.windowFloor } });
});

test('an entry of the ledger is read back as it was kept', (t) => {
  const conflict = {
    key: 'k',
    discarded: side(1, new Uint8Array([1, 2])),
    winner: side(0, null),
    certain: true,
    heldBy: ['n1', 'n2'],
    seenAt: 1_760_000_000_000_000,
  };
  const read = noteCodec.unpackConflict(noteCodec.packConflict(conflict));
  t.like(read, { ...conflict, discarded: { ...conflict.discarded, value: read.discarded.value } });
  t.deepEqual(Buffer.from(read.discarded.value!), Buffer.from([1, 2]));
});

test('what is damaged, or of the other kind, is a CodecError', (t) => {
  const hint = noteCodec.packHint({ target: 'n3', key: 'k', ballot: ballotAt(2), state: stateOf(), storedAtMs: 5 });
  t.throws(() => noteCodec.unpackConflict(hint), { instanceOf: CodecError });
  for (let length = 0; length < hint.length; length += 1)
    t.throws(() => noteCodec.unpackHint(hint.subarray(0, length)), { instanceOf: CodecError });
});
