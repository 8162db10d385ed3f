/** Random records and states, and random damage to bytes. */
import fc from 'fast-check';
import { BALLOT_TIME_MAX, NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { OpWindow, type WindowEntry } from '../../src/core/op-window.js';
import type { Record } from '../../src/core/register.js';
import { State } from '../../src/core/state.js';
import type { Version } from '../../src/core/version.js';

const times = fc.integer({ min: 1, max: BALLOT_TIME_MAX });
const incarnations = fc
  .bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })
  .map((bits) => bits.toString(16).padStart(16, '0'));
const subs = fc.integer({ min: 0, max: 0xffff_ffff });
const indexes = fc.integer({ min: 0, max: 0xffff });
const nodes = fc.oneof(
  fc.constantFrom('n1', 'n2', 'n3'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => name.length > 0 && name.length <= 64),
);

export const ballots: fc.Arbitrary<Ballot> = fc.record({
  time: times,
  node: nodes,
  incarnation: incarnations,
  sub: subs,
});
const versions: fc.Arbitrary<Version> = fc.record({
  time: times,
  incarnation: incarnations,
  sub: subs,
  index: indexes,
});
const entries: fc.Arbitrary<WindowEntry> = fc.record({
  opTime: times,
  opIncarnation: incarnations,
  fingerprint: subs,
  applied: fc.boolean(),
  existed: fc.boolean(),
  weak: fc.boolean(),
  version: versions,
});
const windows = fc
  .array(entries, { maxLength: 16 })
  .map((list) => list.reduce((window, entry) => window.append(entry, 16, 0).window, OpWindow.EMPTY));

export const states: fc.Arbitrary<State> = fc
  .record({
    version: versions,
    value: fc.option(fc.uint8Array({ maxLength: 600 })),
    encoding: fc.constantFrom('bytes' as const, 'msgpack' as const),
    expiresAt: fc.oneof(fc.constant(0), times),
    owner: fc.option(fc.record({ node: nodes, incarnation: incarnations })),
    blind: fc.boolean(),
    weak: fc.boolean(),
    window: windows,
    windowFloor: fc.oneof(fc.constant(0), times),
  })
  .map((fields) => new State(fields));

export const records: fc.Arbitrary<Record> = fc
  .record({
    kind: fc.constantFrom('promise', 'accepted', 'promised above', 'accepted alone'),
    promised: ballots,
    accepted: ballots,
    state: states,
    maxOpTime: times,
  })
  .map(({ kind, promised, accepted, state, maxOpTime }) => {
    switch (kind) {
      case 'promise':
        return { promised, accepted: NO_BALLOT, state: null, maxOpTime };
      case 'accepted':
        return { promised: accepted, accepted, state, maxOpTime };
      case 'promised above':
        return { promised, accepted, state, maxOpTime };
      default:
        return { promised: NO_BALLOT, accepted, state, maxOpTime };
    }
  });

export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bits: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number };

const position = fc.nat({ max: 0xffff });

export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: position, bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: position }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: position,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), at: position, count: fc.integer({ min: 1, max: 9 }) }),
);

/** A damaged copy, never the same bytes. */
export function mutationOf(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const at = mutation.at % bytes.length;
  switch (mutation.kind) {
    case 'flip': {
      const copy = Uint8Array.from(bytes);
      copy[at]! ^= mutation.bits;
      return copy;
    }
    case 'cut':
      return bytes.slice(0, at);
    case 'insert':
      return Uint8Array.from([...bytes.slice(0, at), ...mutation.bytes, ...bytes.slice(at)]);
    case 'remove':
      return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + mutation.count)]);
  }
}
