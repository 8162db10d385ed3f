import test from 'ava';
import fc from 'fast-check';
import { NO_BALLOT, successor, type Ballot } from '../../src/core/ballot.js';
import { fateOf, type Evidence, type Fate, type Held } from '../../src/core/conflicts.js';
import { applyOperations, latencyState } from '../../src/core/mutation.js';
import { State } from '../../src/core/state.js';
import { PartitionModel, type Judgement, type ModelStep } from './conflict-model.js';
import { ballotAt, putOperation } from './operations.js';

const UNKNOWN: Evidence = { settledUntil: 0, base: null, isLive: false };

function latency(time: number): Held {
  const operation = putOperation(time, `v${time}`, { form: 'latency' });
  return { ballot: operation.id, state: latencyState(operation) };
}

/** A put by consensus on top of a state; a blind one is adopted with this largest operation time known. */
function consensus(ballot: Ballot, base: Held | null, opTime = ballot.time - 1, windowSize = 4): Held {
  const before = base?.state ?? State.absent(0);
  const adopted = before.blind ? before.with({ blind: false }) : before;
  const operations = [putOperation(opTime, `v${opTime}`)];
  const context = { ballot, owner: null, now: ballot.time, windowSize, lifetime: 1e9 };
  return { ballot, state: applyOperations(adopted, operations, context).state };
}

/** An identity round: the same state under a higher ballot. */
function identity(ballot: Ballot, { state }: Held): Held {
  return { ballot, state: state.with({ blind: false }) };
}

const FAR = 1_000_000;
const old = latency(10);
const table: readonly {
  what: string;
  loser: Held;
  winner: Held;
  evidence?: Partial<Evidence>;
  fate: Fate;
}[] = [
  {
    what: 'a key that nobody had written',
    loser: { ballot: ballotAt(5), state: State.absent(0) },
    winner: latency(10),
    fate: 'superseded',
  },
  { what: 'a write whose own state is moved to a higher ballot', loser: old, winner: identity(ballotAt(20), old), fate: 'superseded' }, // prettier-ignore
  {
    what: 'a write to which another was applied',
    loser: old,
    winner: consensus(ballotAt(20), old),
    fate: 'superseded',
  },
  {
    what: 'a write that a consensus lineage never applied and could not have forgotten',
    loser: latency(30),
    winner: consensus(ballotAt(40), consensus(ballotAt(20), null)),
    fate: 'certain',
  },
  {
    what: 'a write that a consensus lineage may have forgotten',
    loser: old,
    winner: consensus(ballotAt(40), consensus(ballotAt(30), consensus(ballotAt(20), null), 29, 1), 39, 1),
    fate: 'possible',
  },
  { what: 'a write under a latency write whose coordinator held it', loser: old, winner: latency(FAR), evidence: { base: old.ballot }, fate: 'superseded' }, // prettier-ignore
  { what: 'a write under a latency write whose coordinator held nothing', loser: old, winner: latency(FAR), evidence: { base: NO_BALLOT }, fate: 'certain' }, // prettier-ignore
  { what: 'a write under a latency write whose coordinator held an older one', loser: latency(20), winner: latency(FAR), evidence: { base: old.ballot }, fate: 'certain' }, // prettier-ignore
  { what: 'a write under a latency write whose coordinator held a later one', loser: old, winner: latency(FAR), evidence: { base: ballotAt(20) }, fate: 'possible' }, // prettier-ignore
  { what: 'a write under a latency write that repair brought', loser: old, winner: latency(FAR), fate: 'possible' },
  { what: 'a write under a live latency write minted hardly later', loser: old, winner: latency(100_010), evidence: { isLive: true, base: NO_BALLOT }, fate: 'superseded' }, // prettier-ignore
  { what: 'a write under a live latency write minted later', loser: old, winner: latency(100_011), evidence: { isLive: true, base: NO_BALLOT }, fate: 'certain' }, // prettier-ignore
  { what: 'a write that every other replica had held', loser: old, winner: latency(FAR), evidence: { settledUntil: 10 }, fate: 'superseded' }, // prettier-ignore
  { what: 'a write just above what every other replica had held', loser: old, winner: latency(FAR), evidence: { settledUntil: 9 }, fate: 'possible' }, // prettier-ignore
  {
    what: 'a write moved by an identity round, under a latency write whose coordinator held it before',
    loser: identity(ballotAt(20), old),
    winner: latency(FAR),
    evidence: { base: old.ballot },
    fate: 'possible',
  },
  {
    what: 'a consensus write under one whose lineage met no blind state since',
    loser: consensus(ballotAt(20), null),
    winner: consensus(ballotAt(40), null),
    fate: 'superseded',
  },
  {
    what: 'a consensus write under one that adopted a later latency write',
    loser: consensus(ballotAt(20), null),
    winner: consensus(ballotAt(40), latency(30)),
    fate: 'possible',
  },
  {
    what: 'a consensus write that alone knew of a latency write, under a lineage without that',
    loser: consensus(ballotAt(35), latency(30)),
    winner: consensus(ballotAt(40), null),
    fate: 'possible',
  },
  {
    what: 'a latency write in its adopted form under a lineage without it',
    loser: identity(ballotAt(35), latency(30)),
    winner: consensus(ballotAt(40), null),
    fate: 'certain',
  },
  {
    what: 'a write that its own owner wrote over',
    loser: consensus(ballotAt(20), null),
    winner: consensus(successor(successor(ballotAt(20))), consensus(successor(ballotAt(20)), null, 90, 1), 95, 1),
    fate: 'superseded',
  },
];

for (const { what, loser, winner, evidence, fate } of table) {
  test(`${what}: ${fate}`, (t) => {
    t.is(fateOf(loser, winner, { ...UNKNOWN, ...evidence }), fate);
  });
}

test('an operation that another attempt applied in the winning lineage is not lost', (t) => {
  const loser = consensus(ballotAt(20), null, 15);
  const again = consensus(ballotAt(40), latency(12), 15);
  t.is(fateOf(loser, again, UNKNOWN), 'superseded');
});

test('an attempt that alone knew of a latency write is listed, though another attempt of its operation lasts', (t) => {
  const loser = consensus(ballotAt(40), latency(30), 35);
  const again = consensus(ballotAt(50), consensus(ballotAt(20), null), 35);
  t.is(fateOf(loser, again, UNKNOWN), 'possible');
});

const REPLICAS = 3;
const anySome = fc.subarray([0, 1, 2], { minLength: 1 });
const anyMajority = fc.subarray([0, 1, 2], { minLength: 2 });
const anyStep: fc.Arbitrary<ModelStep> = fc.oneof(
  fc.record({ kind: fc.constant('latency' as const), coordinator: fc.nat(REPLICAS - 1), reaches: anySome }),
  fc.record({ kind: fc.constant('consensus' as const), prepares: anyMajority, reaches: anySome }),
  fc.record({ kind: fc.constant('identity' as const), prepares: anyMajority, reaches: anySome }),
  fc.record({ kind: fc.constant('owner' as const), coordinator: fc.nat(REPLICAS - 1), reaches: anySome }),
  fc.record({ kind: fc.constant('repair' as const), from: fc.nat(REPLICAS - 1), to: fc.nat(REPLICAS - 1) }),
);

/** A judgement that no schedule may bring about: an acknowledged write lost in silence, or a known one called unknown. */
function isWrong({ fate, known, acknowledged }: Judgement): boolean {
  return fate === 'superseded' ? !known && acknowledged : fate === 'certain' && known;
}

function judgementsOf(steps: readonly ModelStep[], windowSize: number): Judgement[] {
  const model = new PartitionModel(REPLICAS, windowSize);
  for (const step of steps) model.run(step);
  return model.judgements();
}

/** Another one: FULCRUM_SEED=7 npm test -- test/core/conflicts.test.ts */
const SEED = Number(process.env['FULCRUM_SEED'] ?? 1);

test('in random schedules of real registers, no acknowledged write is taken for superseded by one that did not know it', (t) => {
  t.log(`seed ${SEED}`);
  let judged = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (steps, windowSize) => {
      const judgements = judgementsOf(steps, windowSize);
      judged += judgements.length;
      const wrong = judgements.find(isWrong);
      if (wrong !== undefined) throw new Error(`${wrong.what} was judged ${wrong.fate}`);
    }),
    { numRuns: 2_000, seed: SEED },
  );
  t.true(judged > 1_000, `${judged} judgements`);
});

const found: Readonly<Record<string, readonly ModelStep[]>> = {
  'an identity round on a key without a value, then a latency write elsewhere': [
    { kind: 'identity', prepares: [1, 2], reaches: [0, 2] },
    { kind: 'latency', coordinator: 1, reaches: [0] },
  ],
  'a write moved up by an identity round, then a latency write by a replica that held it before': [
    { kind: 'consensus', prepares: [0, 2], reaches: [1, 2] },
    { kind: 'identity', prepares: [0, 2], reaches: [0] },
    { kind: 'latency', coordinator: 1, reaches: [0, 2] },
  ],
  'a write moved up by an identity round, after a latency write above it that the next round adopts': [
    { kind: 'identity', prepares: [1, 2], reaches: [2] },
    { kind: 'latency', coordinator: 0, reaches: [0] },
    { kind: 'repair', from: 2, to: 1 },
    { kind: 'owner', coordinator: 1, reaches: [2] },
    { kind: 'identity', prepares: [1, 2], reaches: [1] },
    { kind: 'consensus', prepares: [0, 2], reaches: [1, 2] },
  ],
};

for (const [what, steps] of Object.entries(found)) {
  test(`judged rightly: ${what}`, (t) => {
    const judgements = judgementsOf(steps, 1);
    t.true(judgements.length > 0);
    t.deepEqual(judgements.filter(isWrong), []);
  });
}
