import test from 'ava';
import fc from 'fast-check';
import { applyOperations, latencyState, type ApplyContext, type Outcome } from '../../src/core/mutation.js';
import type { Operation } from '../../src/core/operation.js';
import { sameState, State } from '../../src/core/state.js';
import { versionOf } from '../../src/core/version.js';
import { ballotAt, deleteOperation, putOperation, text, stateWith } from './operations.js';

const NOW = 1_000_000;
const owner = { node: 'n1', incarnation: '1'.repeat(16) };

function context(changes: Partial<ApplyContext> = {}): ApplyContext {
  return { ballot: ballotAt(NOW), owner, now: NOW, windowSize: 8, lifetime: NOW, ...changes };
}

function apply(base: State, operations: readonly Operation[], changes: Partial<ApplyContext> = {}) {
  return applyOperations(base, operations, context(changes));
}

function after(...operations: Operation[]): State {
  return operations.reduce(
    (state, operation, index) => apply(state, [operation], { ballot: ballotAt(500_000 + index) }).state,
    State.absent(0),
  );
}

const kinds = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ kind }) => kind);

test('a put writes value, version, owner and expiry', (t) => {
  const { state, outcomes } = apply(State.absent(0), [putOperation(10, 'v', { ttlMs: 2_000 })]);
  t.is(text(state.value), 'v');
  t.like(state, { owner, expiresAt: 2_000_010, weak: false, blind: false });
  t.deepEqual(state.version, versionOf(ballotAt(NOW), 0));
  t.like(outcomes[0], { kind: 'applied', existed: false, replayed: false, weak: false, version: state.version });
});

test('a delete leaves a tombstone that remembers the operations', (t) => {
  const put = putOperation(10, 'v', { ttlMs: 90_000 });
  const { state, outcomes } = apply(after(put), [deleteOperation(20)]);
  t.like(state, { value: null, expiresAt: 0 });
  t.like(outcomes[0], { kind: 'applied', existed: true });
  t.deepEqual(kinds(apply(state, [put]).outcomes), ['applied']);
  t.is(apply(state, [put]).state, state);
});

test('operations of one batch are applied in order, each to the result of the one before', (t) => {
  const { state, outcomes } = apply(State.absent(0), [
    putOperation(10, 'a', { expect: 'absent' }),
    putOperation(11, 'b', { expect: 'absent' }),
    putOperation(12, 'c', { expect: versionOf(ballotAt(NOW), 0) }),
  ]);
  t.deepEqual(kinds(outcomes), ['applied', 'mismatch', 'applied']);
  t.is(text(state.value), 'c');
  t.deepEqual(state.version, versionOf(ballotAt(NOW), 2));
});

test('a compare-and-set applies to exactly the version it names', (t) => {
  const base = after(putOperation(10, 'v'));
  const right = apply(base, [putOperation(20, 'w', { expect: base.version })]);
  t.deepEqual(kinds(right.outcomes), ['applied']);
  const wrong = apply(base, [putOperation(20, 'w', { expect: { ...base.version, index: 1 } })]);
  t.like(wrong.outcomes[0], { kind: 'mismatch', version: base.version, existed: true });
  t.is(text(wrong.state.value), 'v');
});

test('a tombstone never matches a version, not even its own', (t) => {
  const gone = after(putOperation(10, 'v'), deleteOperation(20));
  t.deepEqual(kinds(apply(gone, [putOperation(30, 'w', { expect: gone.version })]).outcomes), ['mismatch']);
  t.deepEqual(kinds(apply(gone, [putOperation(30, 'w', { expect: 'absent' })]).outcomes), ['applied']);
});

test('a failed condition is recorded: told mismatch once, told mismatch for ever (D9)', (t) => {
  const base = after(putOperation(10, 'v'));
  const create = putOperation(20, 'w', { expect: 'absent' });
  const failed = apply(base, [create]);
  t.deepEqual(kinds(failed.outcomes), ['mismatch']);
  t.deepEqual(failed.state.version, base.version);
  const deleted = apply(failed.state, [deleteOperation(30)]).state;
  const retried = apply(deleted, [create]);
  t.like(retried.outcomes[0], { kind: 'mismatch', replayed: true, version: base.version, existed: true });
  t.is(retried.state, deleted);
});

test('a retry is answered from the window with the version it created, and changes nothing', (t) => {
  const first = putOperation(10, 'v');
  const base = after(first, putOperation(20, 'w'));
  const { state, outcomes } = apply(base, [first]);
  t.is(state, base);
  t.like(outcomes[0], { kind: 'applied', replayed: true, existed: false });
  t.deepEqual(outcomes[0]!.kind === 'applied' && outcomes[0]!.version, versionOf(ballotAt(500_000), 0));
});

test('the same operation with another payload is OP_MISMATCH', (t) => {
  const base = after(putOperation(10, 'v'));
  const { state, outcomes } = apply(base, [putOperation(10, 'w')]);
  t.deepEqual(kinds(outcomes), ['op-mismatch']);
  t.is(state, base);
});

test('an operation at or below the floor is too old, and told the floor', (t) => {
  const base = stateWith(after(putOperation(90, 'v')), { windowFloor: 50 });
  t.deepEqual(apply(base, [putOperation(50, 'w')]).outcomes, [{ kind: 'too-old', floor: 50 }]);
  t.is(apply(base, [putOperation(49, 'w')]).state, base);
  t.deepEqual(kinds(apply(base, [putOperation(51, 'w')]).outcomes), ['applied']);
});

test('an operation at the floor that the window remembers is replayed', (t) => {
  const put = putOperation(90, 'v');
  const base = stateWith(after(put), { windowFloor: 90 });
  t.like(apply(base, [put]).outcomes[0], { kind: 'applied', replayed: true });
});

test('evicting from a full window raises the floor to what was evicted', (t) => {
  let state = State.absent(0);
  for (let time = 10; time < 16; time += 1)
    ({ state } = apply(state, [putOperation(time, 'v')], { windowSize: 4, ballot: ballotAt(500_000 + time) }));
  t.is(state.window.size, 4);
  t.is(state.windowFloor, 11);
  t.deepEqual(kinds(apply(state, [putOperation(11, 'v')]).outcomes), ['too-old']);
});

test('entries older than the lifetime leave first, and raise the floor', (t) => {
  const base = after(putOperation(10, 'v'), putOperation(600_000, 'w'));
  const { state } = apply(base, [putOperation(700_000, 'x')], { lifetime: 500_000 });
  t.deepEqual(
    state.window.entries().map(({ opTime }) => opTime),
    [600_000, 700_000],
  );
  t.is(state.windowFloor, 10);
});

test('a mutation that finds the value expired writes the tombstone, also when its own condition fails', (t) => {
  const base = after(putOperation(10, 'v', { ttlMs: 1 }));
  const failed = apply(base, [putOperation(20, 'w', { expect: base.version })]);
  t.like(failed.outcomes[0], { kind: 'mismatch', existed: false });
  t.like(failed.state, { value: null, expiresAt: 0 });
  t.notDeepEqual(failed.state.version, base.version);
  const created = apply(base, [putOperation(20, 'w', { expect: 'absent' })]);
  t.like(created.outcomes[0], { kind: 'applied', existed: false });
  t.is(text(created.state.value), 'w');
});

test('a value that has not expired by the coordinator’s clock is there', (t) => {
  const base = after(putOperation(10, 'v', { ttlMs: 1 }));
  const { outcomes } = apply(base, [putOperation(20, 'w', { expect: 'absent' })], { now: 1_009 });
  t.like(outcomes[0], { kind: 'mismatch', existed: true });
});

test('the window survives expiry', (t) => {
  const put = putOperation(10, 'v', { ttlMs: 1 });
  const { state } = apply(after(put), [putOperation(20, 'w', { expect: 'absent' })]);
  t.like(apply(state, [put]).outcomes[0], { kind: 'applied', replayed: true });
});

test('a successful mutation on a weak state says so and clears weak', (t) => {
  const weak = latencyState(putOperation(10, 'v', { form: 'latency' }));
  const { state, outcomes } = apply(weak, [putOperation(20, 'w')]);
  t.like(outcomes[0], { kind: 'applied', weak: true });
  t.false(state.weak);
  t.like(apply(state, [putOperation(30, 'x')]).outcomes[0], { weak: false });
});

test('a failed condition keeps weak', (t) => {
  const weak = latencyState(putOperation(10, 'v', { form: 'latency' }));
  const { state, outcomes } = apply(weak, [putOperation(20, 'w', { expect: 'absent' })]);
  t.like(outcomes[0], { kind: 'mismatch', weak: true });
  t.true(state.weak);
});

test('no operations, or only replays, keep the very state and its owner', (t) => {
  const put = putOperation(10, 'v');
  const base = after(put);
  t.is(apply(base, [], { owner: null }).state, base);
  t.is(apply(base, [put], { owner: null }).state, base);
});

test('a latency write is a pure function of its operation', (t) => {
  const put = putOperation(10, 'v', { form: 'latency', ttlMs: 5 });
  const state = latencyState(put);
  t.true(sameState(state, latencyState(putOperation(10, 'v', { form: 'latency', ttlMs: 5 }))));
  t.like(state, { blind: true, weak: true, owner: null, windowFloor: 10, expiresAt: 5_010 });
  t.deepEqual(state.version, versionOf(put.id, 0));
  t.like(apply(state, [put]).outcomes[0], { kind: 'applied', replayed: true });
  t.is(latencyState(deleteOperation(10, { form: 'latency' })).value, null);
});

test('the replay of an operation served on a weak state says so again', (t) => {
  const put = putOperation(20, 'w');
  const { state } = apply(latencyState(putOperation(10, 'v', { form: 'latency' })), [put]);
  t.false(state.weak);
  t.like(apply(state, [put]).outcomes[0], { replayed: true, weak: true });
});

test('a conditional delete is recognised when it comes again, whatever its condition', (t) => {
  for (let index = 0; index < 32; index += 1) {
    const remove = deleteOperation(10, { expect: versionOf(ballotAt(7), index) });
    const { state } = apply(State.absent(0), [remove]);
    t.like(apply(state, [remove]).outcomes[0], { kind: 'mismatch', replayed: true }, `index ${index}`);
  }
});

const anyOperation: fc.Arbitrary<Operation> = fc
  .record({
    time: fc.integer({ min: 1, max: 25 }),
    value: fc.constantFrom('a', 'b', null),
    expect: fc.constantFrom(null, 'absent' as const, versionOf(ballotAt(NOW), 0), versionOf(ballotAt(NOW), 2)),
  })
  .map(({ time, value, expect }) =>
    value === null ? deleteOperation(time, { expect }) : putOperation(time, value, { expect }),
  );

test('applying the same operations again to the result changes nothing', (t) => {
  const batch = fc.array(anyOperation, { maxLength: 10 });
  fc.assert(
    fc.property(batch, batch, fc.integer({ min: 1, max: 8 }), (earlier, operations, windowSize) => {
      const base = apply(State.absent(3), earlier, { windowSize, ballot: ballotAt(NOW - 1) }).state;
      const once = apply(base, operations, { windowSize });
      const twice = apply(once.state, operations, { windowSize, ballot: ballotAt(NOW + 1) });
      t.is(twice.state, once.state);
    }),
  );
});

test('a replay that the window remembers repeats kind, version and existed', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(anyOperation, { maxLength: 8, selector: ({ id }) => id.time }), (operations) => {
      const once = apply(State.absent(0), operations, { windowSize: 8 });
      const twice = apply(once.state, operations, { windowSize: 8, ballot: ballotAt(NOW + 1) });
      for (const [index, outcome] of once.outcomes.entries()) {
        const again = twice.outcomes[index]!;
        if (outcome.kind !== 'applied' && outcome.kind !== 'mismatch') t.fail(outcome.kind);
        else t.like(again, { kind: outcome.kind, version: outcome.version, existed: outcome.existed, replayed: true });
      }
      t.pass();
    }),
  );
});
