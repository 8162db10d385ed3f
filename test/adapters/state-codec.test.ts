import test from 'ava';
import fc from 'fast-check';
import { CodecError } from '../../src/adapters/codec-error.js';
import { decodeState, encodeState } from '../../src/adapters/state-codec.js';
import { State, sameState } from '../../src/core/state.js';
import { stateOf, windowOf } from '../conformance/records.js';
import { mutationOf, mutations, states } from './arbitrary-records.js';

test('a state is decoded as it was encoded', (t) => {
  fc.assert(
    fc.property(states, (state) => {
      const decoded = decodeState(encodeState(state));
      t.true(sameState(decoded, state));
      t.is(decoded.version.index, state.version.index);
    }),
  );
});

test('a state says the same of its value and window before and after it is packed', (t) => {
  const about = (state: State): unknown => {
    const { value, window, hasValue, valueLength, size } = state;
    return { value: value && Buffer.from(value), window: window.entries(), hasValue, valueLength, size };
  };
  fc.assert(
    fc.property(states, (state) => {
      const copy = new State(state);
      const before = about(copy);
      t.like(before, { hasValue: copy.value !== null, valueLength: copy.value?.length ?? 0 });
      const bytes = encodeState(copy);
      t.deepEqual(about(copy), before);
      t.deepEqual(about(decodeState(bytes)), before);
    }),
  );
});

test('equal states have equal bytes, whoever encodes them', (t) => {
  fc.assert(
    fc.property(states, (state) => {
      const copy = new State(state);
      t.deepEqual(encodeState(copy), encodeState(state));
      t.deepEqual(encodeState(new State(decodeState(encodeState(state)))), encodeState(state));
    }),
  );
});

test('a state is encoded once, and a decoded one not at all', (t) => {
  const state = stateOf();
  const bytes = encodeState(state);
  t.is(encodeState(state), bytes);
  const decoded = decodeState(bytes);
  const { packed } = decoded;
  t.not(packed, null);
  t.true(encodeState(decoded) === packed);
  t.deepEqual(encodeState(decoded), bytes);
});

test('a decoded state keeps nothing of the buffer it came from', (t) => {
  for (const value of [new Uint8Array([1, 2, 3]), new Uint8Array(1_000_000)]) {
    const frame = Buffer.concat([Buffer.alloc(100), encodeState(stateOf({ value }))]);
    const decoded = decodeState(frame.subarray(100));
    frame.fill(0xee);
    t.true(sameState(decoded, stateOf({ value })));
    for (const bytes of [decoded.value!, decoded.window.bytes, decoded.packed!]) t.not(bytes.buffer, frame.buffer);
    t.true(decoded.packed!.buffer.byteLength <= Math.max(2048, decoded.packed!.length));
  }
});

test('states decoded one after the other do not overlap', (t) => {
  const decoded = Array.from({ length: 200 }, (_, i) =>
    decodeState(encodeState(stateOf({ value: new Uint8Array(i * 7).fill(i) }))),
  );
  decoded.forEach((state, i) => {
    t.deepEqual(state.value, new Uint8Array(i * 7).fill(i));
  });
});

test('every truncation of a state is refused', (t) => {
  const bytes = encodeState(stateOf({ expiresAt: 9, window: windowOf(2) }));
  for (let length = 0; length < bytes.length; length += 1) {
    t.throws(() => decodeState(bytes.subarray(0, length)), { instanceOf: CodecError });
  }
  t.throws(() => decodeState(Buffer.concat([bytes, Buffer.alloc(1)])), { instanceOf: CodecError });
});

test('mutated bytes are refused or are a state with sound times', (t) => {
  fc.assert(
    fc.property(states, mutations, (state, mutation) => {
      const bytes = mutationOf(encodeState(state), mutation);
      try {
        const decoded = decodeState(bytes);
        t.true(Number.isSafeInteger(decoded.opTimeMax) && decoded.opTimeMax >= 0);
        t.true(sameState(decodeState(encodeState(new State(decoded))), decoded));
      } catch (error) {
        t.true(error instanceof CodecError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('arbitrary bytes are refused or are a state', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const framed = Uint8Array.from([1, ...bytes]);
      try {
        t.true(decodeState(framed) instanceof State);
      } catch (error) {
        t.true(error instanceof CodecError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a state that could not be read back is not encoded', (t) => {
  const impossible = [
    stateOf({ windowFloor: NaN }),
    stateOf({ windowFloor: 1.5 }),
    stateOf({ expiresAt: -1 }),
    stateOf({ owner: { node: '', incarnation: '00c0ffee00c0ffee' } }),
    stateOf({ owner: { node: 'x'.repeat(65), incarnation: '00c0ffee00c0ffee' } }),
    stateOf({ owner: { node: '\ud800', incarnation: '00c0ffee00c0ffee' } }),
    stateOf({ owner: { node: 'n1', incarnation: '00c0ffee' } }),
    stateOf({ owner: { node: 'n1', incarnation: '00C0FFEE00C0FFEE' } }),
  ];
  for (const state of impossible) t.throws(() => encodeState(state), { instanceOf: CodecError });
});

test('more names and incarnations than are interned are still told apart', (t) => {
  const owners = Array.from({ length: 5_000 }, (_, i) => ({
    node: `node-${i}`,
    incarnation: (0x1234_5678_0000 + i * 977).toString(16).padStart(16, '0'),
  }));
  const encoded = owners.map((owner) => encodeState(stateOf({ owner })));
  for (const pass of [1, 2]) {
    const found = encoded.map((bytes) => decodeState(bytes).owner);
    t.deepEqual(found, owners, `pass ${pass}`);
  }
});
