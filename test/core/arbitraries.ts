import fc from 'fast-check';
import { BALLOT_SUB_MAX, BALLOT_TIME_MAX, type Ballot } from '../../src/core/ballot.js';
import { VERSION_INDEX_MAX, type Version } from '../../src/core/version.js';

export const anyIncarnation = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789abcdef')),
  minLength: 16,
  maxLength: 16,
});

/** Few different values a field, so that every pair of fields is equal often. */
export const crowdedBallot: fc.Arbitrary<Ballot> = fc.record({
  time: fc.integer({ min: 1, max: 3 }),
  node: fc.constantFrom('a', 'b', 'B', 'ab'),
  incarnation: fc.constantFrom('0000000000000001', '000000000000000a', 'f000000000000000'),
  sub: fc.integer({ min: 0, max: 3 }),
});

export const anyBallot: fc.Arbitrary<Ballot> = fc.record({
  time: fc.integer({ min: 1, max: BALLOT_TIME_MAX }),
  node: fc.string({ minLength: 1, maxLength: 64 }),
  incarnation: anyIncarnation,
  sub: fc.integer({ min: 0, max: BALLOT_SUB_MAX }),
});

export const anyVersion: fc.Arbitrary<Version> = fc.record({
  time: fc.integer({ min: 1, max: BALLOT_TIME_MAX }),
  incarnation: anyIncarnation,
  sub: fc.integer({ min: 0, max: BALLOT_SUB_MAX }),
  index: fc.integer({ min: 0, max: VERSION_INDEX_MAX }),
});
