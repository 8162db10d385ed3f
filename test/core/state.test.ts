import test from 'ava';
import { OpWindow } from '../../src/core/op-window.js';
import { sameBytes, sameState, State, type StateFields } from '../../src/core/state.js';
import { bytes } from './operations.js';

const entry = {
  opTime: 40,
  opIncarnation: 'a'.repeat(16),
  fingerprint: 1,
  applied: true,
  existed: false,
  weak: false,
  version: { time: 9, incarnation: 'b'.repeat(16), sub: 0, index: 0 },
};
const window = OpWindow.EMPTY.append(entry, 4, 0).window;
const fields: StateFields = {
  version: entry.version,
  value: bytes('v'),
  encoding: 'bytes',
  expiresAt: 100,
  owner: { node: 'n1', incarnation: '1'.repeat(16) },
  blind: false,
  weak: false,
  window,
  windowFloor: 30,
};

test('states made of the same fields are the same', (t) => {
  const copy = OpWindow.fromBytes(window.bytes.slice())!;
  t.true(sameState(new State(fields), new State({ ...fields, value: bytes('v'), window: copy })));
});

const differences: readonly Partial<StateFields>[] = [
  { version: { ...entry.version, index: 1 } },
  { value: bytes('w') },
  { value: bytes('vv') },
  { value: null },
  { encoding: 'msgpack' },
  { expiresAt: 101 },
  { owner: null },
  { owner: { node: 'n2', incarnation: '1'.repeat(16) } },
  { owner: { node: 'n1', incarnation: '2'.repeat(16) } },
  { blind: true },
  { weak: true },
  { window: OpWindow.EMPTY },
  { windowFloor: 31 },
];
for (const difference of differences) {
  test(`states that differ in ${Object.keys(difference)[0]} (${JSON.stringify(difference).slice(0, 50)}) are told apart`, (t) => {
    t.false(sameState(new State(fields), new State({ ...fields, ...difference })));
    t.false(sameState(new State({ ...fields, ...difference }), new State(fields)));
  });
}

test('an empty value is not a tombstone', (t) => {
  t.false(sameBytes(new Uint8Array(0), null));
  t.false(sameBytes(null, new Uint8Array(0)));
  t.true(sameBytes(null, null));
});

test('the largest operation time is that of the window or of what it has forgotten', (t) => {
  t.is(new State(fields).opTimeMax, 40);
  t.is(new State({ ...fields, windowFloor: 50 }).opTimeMax, 50);
  t.is(State.absent(7).opTimeMax, 7);
});

test('a value expires at its time, a tombstone and a value without one never', (t) => {
  t.false(new State(fields).isExpired(99));
  t.true(new State(fields).isExpired(100));
  t.false(new State({ ...fields, expiresAt: 0 }).isExpired(1_000));
  t.false(new State({ ...fields, value: null }).isExpired(1_000));
});

test('an absent state has no value, no owner, and the floor it was given', (t) => {
  t.like(State.absent(7), { value: null, owner: null, blind: false, weak: false, windowFloor: 7, expiresAt: 0 });
});
