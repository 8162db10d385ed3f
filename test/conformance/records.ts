/** Records and states for tests of whatever stores or encodes them. */
import { randomBytes } from 'node:crypto';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { OpWindow } from '../../src/core/op-window.js';
import type { Record } from '../../src/core/register.js';
import { State, type StateFields } from '../../src/core/state.js';
import { versionOf } from '../../src/core/version.js';

export const INCARNATION = '00c0ffee00c0ffee';
export const TIME = 1_760_000_000_000_000;

export function ballotAt(time: number, sub = 0): Ballot {
  return { time: TIME + time, node: 'n1', incarnation: INCARNATION, sub };
}

export function windowOf(size: number): OpWindow {
  let window = OpWindow.EMPTY;
  for (let i = 0; i < size; i += 1) {
    const entry = {
      opTime: TIME + i,
      opIncarnation: INCARNATION,
      fingerprint: i,
      applied: i % 2 === 0,
      existed: i % 3 === 0,
      weak: i % 5 === 0,
      version: versionOf(ballotAt(i), 0),
    };
    window = window.append(entry, size, 0).window;
  }
  return window;
}

export function stateOf(fields: Partial<StateFields> = {}): State {
  return new State({
    version: versionOf(ballotAt(1), 0),
    value: new Uint8Array([1, 2, 3]),
    encoding: 'bytes',
    expiresAt: 0,
    owner: { node: 'n1', incarnation: INCARNATION },
    blind: false,
    weak: false,
    window: windowOf(1),
    windowFloor: TIME,
    ...fields,
  });
}

export function recordOf(fields: Partial<StateFields> = {}, time = 1): Record {
  const accepted = ballotAt(time);
  const state = stateOf({ version: versionOf(accepted, 0), ...fields });
  return { promised: accepted, accepted, state, maxOpTime: state.opTimeMax };
}

export function textRecord(text: string): Record {
  return recordOf({ value: new TextEncoder().encode(text) });
}

export const tombstone = recordOf({ value: null });
export const promiseOnly: Record = { promised: ballotAt(7), accepted: NO_BALLOT, state: null, maxOpTime: 5 };

/** Everything about a record but its memo, comparable with deepEqual. */
export function plain(record: Record | undefined): unknown {
  if (record?.state === null || record === undefined) return record;
  const { state } = record;
  const value = state.value === null ? null : Buffer.from(state.value).toString('base64');
  // Value and window are no fields of a state but read from its packed form, if it has one.
  return { ...record, state: Object.assign({}, state, { value, window: state.window.entries() }) };
}

export function textOf(record: Record | undefined): string | undefined {
  const value = record?.state?.value;
  return value === undefined || value === null ? undefined : new TextDecoder().decode(value);
}

export const recordKinds: readonly (readonly [string, Record])[] = [
  ['a promise without a state', promiseOnly],
  ['a promise above what was accepted', { ...recordOf(), promised: ballotAt(9, 3) }],
  ['accepted without a promise', { ...recordOf(), promised: NO_BALLOT }],
  ['a tombstone', tombstone],
  ['a value that expires', recordOf({ expiresAt: TIME + 60_000_000 })],
  ['a weak and blind state', recordOf({ weak: true, blind: true, owner: null })],
  ['a state owned by another node', recordOf({ owner: { node: 'knöt-東', incarnation: 'ffffffffffffffff' } })],
  ['an empty window', recordOf({ window: OpWindow.EMPTY })],
  ['a full window', recordOf({ window: windowOf(16) })],
  ['a msgpack value', recordOf({ encoding: 'msgpack' })],
  ['an empty value', recordOf({ value: new Uint8Array(0) })],
  ['a value of one mebibyte', recordOf({ value: new Uint8Array(randomBytes(1024 * 1024)) })],
  ['the 65536th of a batch', recordOf({ version: { ...versionOf(ballotAt(1, 0xffff_ffff), 0xffff) } })],
];

export const oddKeys = [
  'a',
  'aa',
  'aa\0',
  'ab',
  'm',
  'mformat',
  'q',
  'r',
  'rr',
  's',
  'sx',
  '\0',
  '\u0001',
  '\u007f',
  'é',
  '€',
  '\ud7ff',
  '\uffff',
  '😀',
  '\u{10ffff}',
  'k'.repeat(1024),
  `${'k'.repeat(1023)}l`,
  '€'.repeat(341),
];
