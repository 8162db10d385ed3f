import test from 'ava';
import fc from 'fast-check';
import { BALLOT_TIME_MAX, compareBallots, NO_BALLOT, successor, type Ballot } from '../../src/core/ballot.js';
import { applyOperations } from '../../src/core/mutation.js';
import { accept, emptyRecord, prepare, type Record, type ReplicaContext } from '../../src/core/register.js';
import { State } from '../../src/core/state.js';
import { ballotAt, putOperation } from './operations.js';

const NOW = 1_000_000;
const BOUND = 500_000;

function context(changes: Partial<ReplicaContext> = {}): ReplicaContext {
  return { now: NOW, clockBound: BOUND, floor: NO_BALLOT, ...changes };
}

/** The state that a put at this time leaves on an absent key. */
function written(ballot: Ballot, opTime = ballot.time): State {
  const operations = [putOperation(opTime, `v${ballot.time}`)];
  return applyOperations(State.absent(0), operations, { ballot, owner: null, now: NOW, windowSize: 4, lifetime: NOW })
    .state;
}

function changed(result: { kind: string; record?: Record }): Record {
  if (result.record === undefined) throw new Error(`expected a change, not ${result.kind}`);
  return result.record;
}

const promised = (ballot: Ballot, record = emptyRecord(NO_BALLOT)): Record =>
  changed(prepare(record, ballot, context()));
const accepted = (ballot: Ballot, record = emptyRecord(NO_BALLOT)): Record =>
  changed(accept(record, ballot, written(ballot), context()));

test('a promise raises promised and keeps what was accepted', (t) => {
  const before = accepted(ballotAt(10));
  t.deepEqual(promised(ballotAt(20), before), { ...before, promised: ballotAt(20) });
});

test('a prepare at or below the promise is nacked with promised and accepted, separately', (t) => {
  const record = promised(ballotAt(20), accepted(ballotAt(10)));
  const nack = { kind: 'nack', promised: ballotAt(20), accepted: ballotAt(10) };
  for (const time of [10, 15, 20]) t.deepEqual(prepare(record, ballotAt(time), context()), nack as never);
});

test('a duplicate of a prepare is nacked by its own ballot', (t) => {
  const own = ballotAt(20);
  t.like(prepare(promised(own), own, context()), { kind: 'nack', promised: own });
});

test('an accept at the promise, or above it, is taken', (t) => {
  const record = promised(ballotAt(20));
  for (const time of [20, 21]) {
    const after = changed(accept(record, ballotAt(time), written(ballotAt(time)), context()));
    t.like(after, { promised: ballotAt(time), accepted: ballotAt(time) });
  }
});

test('an accept below the promise is nacked and changes nothing', (t) => {
  const record = promised(ballotAt(20), accepted(ballotAt(10)));
  const result = accept(record, ballotAt(19), written(ballotAt(19)), context());
  t.deepEqual(result, { kind: 'nack', promised: ballotAt(20), accepted: ballotAt(10) });
});

test('an accept below what was accepted is nacked', (t) => {
  const result = accept(accepted(ballotAt(20)), ballotAt(10), written(ballotAt(10)), context());
  t.like(result, { kind: 'nack', accepted: ballotAt(20) });
});

test('an accept raises the promise too', (t) => {
  const record = accepted(ballotAt(20));
  t.is(prepare(record, ballotAt(20), context()).kind, 'nack');
});

test('the same accept again is the same, also under a higher promise', (t) => {
  const record = accepted(ballotAt(20));
  const again = written(ballotAt(20));
  t.is(accept(record, ballotAt(20), again, context()).kind, 'unchanged');
  t.is(accept(promised(ballotAt(30), record), ballotAt(20), again, context()).kind, 'unchanged');
});

test('one ballot with two states raises an alarm and changes nothing', (t) => {
  const other = written(ballotAt(20), 19);
  t.is(accept(accepted(ballotAt(20)), ballotAt(20), other, context()).kind, 'alarm');
});

test('the largest operation time ever accepted is kept, also under a state that is older', (t) => {
  const first = changed(accept(emptyRecord(NO_BALLOT), ballotAt(20), written(ballotAt(20), 900), context()));
  t.is(first.maxOpTime, 900);
  const second = changed(accept(first, ballotAt(30), written(ballotAt(30), 100), context()));
  t.is(second.maxOpTime, 900);
  const floor = changed(accept(second, ballotAt(40), State.absent(950), context()));
  t.is(floor.maxOpTime, 950);
});

test('a ballot ahead of the clock by the bound is taken, one beyond it is refused with the clock', (t) => {
  const edge = ballotAt(NOW + BOUND);
  t.is(prepare(emptyRecord(NO_BALLOT), edge, context()).kind, 'changed');
  const beyond = ballotAt(NOW + BOUND + 1);
  t.deepEqual(prepare(emptyRecord(NO_BALLOT), beyond, context()), { kind: 'skew', clock: NOW });
  t.deepEqual(accept(emptyRecord(NO_BALLOT), beyond, written(beyond), context()), { kind: 'skew', clock: NOW });
});

test('a key once written by a fast clock stays writable: the bound is relative to the record', (t) => {
  const fast = ballotAt(9_000_000);
  const record = changed(accept(emptyRecord(NO_BALLOT), fast, written(fast), context({ now: 9_000_000 })));
  t.is(accept(record, successor(fast), written(successor(fast)), context()).kind, 'changed');
  t.is(prepare(record, ballotAt(9_001_000), context()).kind, 'changed');
  t.is(prepare(record, ballotAt(9_001_001), context()).kind, 'skew');
});

test('a malformed ballot, or one above the hard cap, is an alarm, not a comparison', (t) => {
  for (const ballot of [NO_BALLOT, { ...ballotAt(20), time: BALLOT_TIME_MAX + 1 }, { ...ballotAt(20), sub: -1 }]) {
    t.is(prepare(emptyRecord(NO_BALLOT), ballot, context()).kind, 'alarm');
    t.is(accept(emptyRecord(NO_BALLOT), ballot, written(ballotAt(20)), context()).kind, 'alarm');
  }
});

test('without anything accepted, no ballot at or below the floor is taken', (t) => {
  const floor = ballotAt(100);
  const record = emptyRecord(floor);
  t.deepEqual(record, { promised: floor, accepted: NO_BALLOT, state: null, maxOpTime: 100 });
  for (const time of [99, 100]) {
    t.like(prepare(record, ballotAt(time), context({ floor })), { kind: 'nack', promised: floor });
    t.is(accept(record, ballotAt(time), written(ballotAt(time)), context({ floor })).kind, 'nack');
  }
  t.is(prepare(record, ballotAt(101), context({ floor })).kind, 'changed');
});

test('the floor holds for a record with only a promise below it (D12)', (t) => {
  const record: Record = { promised: ballotAt(50), accepted: NO_BALLOT, state: null, maxOpTime: 0 };
  const floor = ballotAt(100);
  t.like(accept(record, ballotAt(60), written(ballotAt(60)), context({ floor })), { kind: 'nack', promised: floor });
  t.like(prepare(record, ballotAt(100), context({ floor })), { kind: 'nack', promised: floor });
});

test('the floor does not bind a record that holds something', (t) => {
  const record = accepted(ballotAt(50));
  const floor = ballotAt(100);
  t.is(accept(record, ballotAt(60), written(ballotAt(60)), context({ floor })).kind, 'changed');
});

interface Sent {
  readonly kind: 'prepare' | 'accept';
  readonly ballot: Ballot;
  readonly opTime: number;
  readonly now: number;
}

const anySent: fc.Arbitrary<Sent> = fc.record({
  kind: fc.constantFrom('prepare', 'accept'),
  ballot: fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 2 }))
    .map(([time, node, sub]) => ballotAt(time * 400, node, sub)),
  opTime: fc.integer({ min: 1, max: 40 }),
  now: fc.integer({ min: 0, max: 20_000 }),
});

function perform(record: Record, { kind, ballot, opTime, now }: Sent): Record {
  const judged = context({ now, clockBound: 2_000 });
  const result =
    kind === 'prepare' ? prepare(record, ballot, judged) : accept(record, ballot, written(ballot, opTime), judged);
  return result.kind === 'changed' ? result.record : record;
}

test('promised, accepted and maxOpTime never fall, and promised is never below accepted', (t) => {
  fc.assert(
    fc.property(fc.array(anySent, { maxLength: 40 }), (messages) => {
      let record = emptyRecord(NO_BALLOT);
      for (const message of messages) {
        const before = record;
        record = perform(before, message);
        t.true(compareBallots(record.promised, before.promised) >= 0);
        t.true(compareBallots(record.accepted, before.accepted) >= 0);
        t.true(compareBallots(record.promised, record.accepted) >= 0);
        t.true(record.maxOpTime >= before.maxOpTime && record.maxOpTime >= (record.state?.opTimeMax ?? 0));
      }
    }),
  );
});

test('after a promise, no ballot below it is ever accepted', (t) => {
  fc.assert(
    fc.property(fc.array(anySent, { maxLength: 40 }), (messages) => {
      let record = emptyRecord(NO_BALLOT);
      let promise = NO_BALLOT;
      for (const message of messages) {
        const before = record;
        record = perform(before, message);
        if (record === before) continue;
        t.true(compareBallots(message.ballot, promise) >= 0);
        if (message.kind === 'prepare') promise = message.ballot;
      }
      t.pass();
    }),
  );
});
