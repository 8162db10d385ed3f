import test from 'ava';
import fc from 'fast-check';
import { LEVELS } from '../../src/core/level.js';
import { GUARANTEES, OPERATION_KINDS, ReceiptShapes, type ReceiptFacts } from '../../src/core/receipt.js';

const homes = Array.from({ length: 9 }, (_, index) => `n${index + 1}`);
const mask = fc.integer({ min: 0, max: 2 ** homes.length - 1 });
const copies = fc.integer({ min: 0, max: homes.length });

const anyFacts: fc.Arbitrary<ReceiptFacts> = fc.record({
  operation: fc.constantFrom(...OPERATION_KINDS),
  level: fc.constantFrom(...LEVELS),
  guarantee: fc.constantFrom(...GUARANTEES),
  required: copies,
  answered: mask,
  unreachable: mask,
  durableCopies: copies,
  rounds: fc.integer({ min: 0, max: 31 }),
  hinted: copies,
  degraded: fc.boolean(),
  replayed: fc.boolean(),
  superseded: fc.boolean(),
  decided: fc.boolean(),
});

const namesOf = (bits: number): string[] => homes.filter((_, index) => (bits & (2 ** index)) !== 0);

function expected(facts: ReceiptFacts): object {
  const { answered, unreachable, decided, ...told } = facts;
  return {
    ...told,
    policy: 'PA/EC',
    coordinator: 'n1',
    acks: namesOf(answered).length,
    replicas: namesOf(answered),
    missing: namesOf(unreachable & ~answered),
    degraded: told.degraded === true && namesOf(answered).length < told.required,
  };
}

test('a shape says what the facts say, whatever shapes were made before', (t) => {
  const shapes = new ReceiptShapes('PA/EC', 'n1');
  fc.assert(
    fc.property(anyFacts, (facts) => {
      t.deepEqual({ ...shapes.of(homes, facts) }, expected(facts));
    }),
    { numRuns: 2_000 },
  );
});

test('facts that differ in one field never share a shape', (t) => {
  const shapes = new ReceiptShapes('PA/EC', 'n1');
  fc.assert(
    fc.property(anyFacts, anyFacts, (facts, other) => {
      for (const field of Object.keys(facts) as (keyof ReceiptFacts)[]) {
        const changed = { ...facts, [field]: other[field] };
        t.deepEqual({ ...shapes.of(homes, facts) }, expected(facts));
        t.deepEqual({ ...shapes.of(homes, changed) }, expected(changed), field);
      }
    }),
    { numRuns: 300 },
  );
});

test('equal facts share one frozen shape', (t) => {
  const shapes = new ReceiptShapes('PC/EC', 'n2');
  fc.assert(
    fc.property(anyFacts, (facts) => {
      t.is(shapes.of(homes, facts), shapes.of(homes, { ...facts }));
      t.true(Object.isFrozen(shapes.of(homes, facts)));
    }),
  );
});

test('equal facts about other home replicas name those', (t) => {
  const shapes = new ReceiptShapes('PC/EC', 'n2');
  const facts = {
    operation: 'put',
    level: 'QUORUM',
    guarantee: 'linearizable',
    required: 2,
    answered: 0b011,
    unreachable: 0b100,
    durableCopies: 2,
    rounds: 1,
  } as const;
  t.like(shapes.of(['a', 'b', 'c'], facts), { replicas: ['a', 'b'], missing: ['c'], coordinator: 'n2' });
  t.like(shapes.of(['c', 'a', 'b'], facts), { replicas: ['c', 'a'], missing: ['b'], policy: 'PC/EC' });
});

test('what was begun with too few reachable is not degraded once as many answered as the level asks for', (t) => {
  const shapes = new ReceiptShapes('PA/EC', 'n1');
  const facts: ReceiptFacts = {
    operation: 'put',
    level: 'ALL',
    guarantee: 'linearizable',
    required: 3,
    answered: 0b011,
    unreachable: 0b100,
    durableCopies: 2,
    rounds: 1,
    degraded: true,
  };
  const three = homes.slice(0, 3);
  t.like(shapes.of(three, facts), { degraded: true, acks: 2, missing: ['n3'] });
  t.like(shapes.of(three, { ...facts, answered: 0b111 }), { degraded: false, acks: 3, missing: [] });
});

test('what is not said is not claimed: no hints, not degraded, not replayed, not superseded', (t) => {
  const shape = new ReceiptShapes('PC/EC', 'n1').of(['n1'], {
    operation: 'get',
    level: 'ONE',
    guarantee: 'eventual',
    required: 1,
    answered: 1,
    unreachable: 0,
    durableCopies: 1,
    rounds: 0,
  });
  t.like(shape, { hinted: 0, degraded: false, replayed: false, superseded: false });
});

test('claims end with the policy that made them: where E is L only what a majority decides is linearizable', (t) => {
  const shapes = new ReceiptShapes('PC/EC', 'n1');
  const facts: ReceiptFacts = {
    operation: 'put',
    level: 'QUORUM',
    guarantee: 'linearizable',
    required: 2,
    answered: 3,
    unreachable: 0,
    durableCopies: 2,
    rounds: 1,
  };
  const claims = (): string[] => [facts, { ...facts, decided: true }].map((one) => shapes.of(homes, one).guarantee);
  t.deepEqual(claims(), ['linearizable', 'linearizable']);
  shapes.use('PC/EL', true);
  t.deepEqual(claims(), ['quorum', 'linearizable']);
  shapes.use('PC/EC', false);
  t.deepEqual(claims(), ['quorum', 'quorum']);
});
