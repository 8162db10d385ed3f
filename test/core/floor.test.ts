import test from 'ava';
import fc from 'fast-check';
import { NO_BALLOT, successor, type Ballot } from '../../src/core/ballot.js';
import { reaches, type Floor } from '../../src/core/floor.js';
import { applyOperations, latencyState } from '../../src/core/mutation.js';
import type { Operation } from '../../src/core/operation.js';
import { State } from '../../src/core/state.js';
import { NO_VERSION } from '../../src/core/version.js';
import { ballotAt, putOperation } from './operations.js';

interface Held {
  readonly accepted: Ballot;
  readonly state: State;
}

const NOTHING: Held = { accepted: NO_BALLOT, state: State.absent(0) };

function after({ state }: Held, accepted: Ballot, ...operations: Operation[]): Held {
  const context = { ballot: accepted, owner: null, now: accepted.time, windowSize: 16, lifetime: 30_000_000 };
  return { accepted, state: applyOperations(state, operations, context).state };
}

const seen = ({ accepted, state }: Held): Floor => ({ accepted, version: state.version });
const put = (time: number, value: string): Operation => putOperation(time, value);

test('what was seen is reached by itself, and nothing below it reaches it', (t) => {
  const first = after(NOTHING, ballotAt(10), put(9, 'a'));
  const second = after(first, successor(first.accepted), put(11, 'b'));
  t.true(reaches(second, seen(second)));
  t.true(reaches(second, seen(first)));
  t.false(reaches(first, seen(second)));
  t.false(reaches({ accepted: NO_BALLOT, state: null }, seen(first)));
});

test('the same version accepted again under a higher ballot is still what was seen', (t) => {
  const first = after(NOTHING, ballotAt(10), put(9, 'a'));
  t.true(reaches({ ...first, accepted: ballotAt(20) }, seen(first)));
  t.false(reaches(first, { ...seen(first), accepted: ballotAt(20) }));
});

test('an older version that was accepted again above one that is gone does not reach that one', (t) => {
  const old = after(NOTHING, ballotAt(10), put(9, 'a'));
  const lost = after(old, ballotAt(20, 'n2'), put(19, 'b'));
  const settled = { ...old, accepted: ballotAt(30, 'n3') };
  t.false(reaches(settled, seen(lost)));
  t.true(reaches(after(settled, ballotAt(31, 'n3'), put(30, 'c')), seen(lost)), 'what is written on top does');
});

test('a latency write that was prepared has an older version than what it came after, and its window shows that', (t) => {
  const minted = { ...putOperation(15, 'late'), form: 'latency' as const };
  const read = after(NOTHING, ballotAt(20), put(19, 'a'));
  const on = after(read, ballotAt(30), minted);
  t.true(on.state.version.time < read.accepted.time);
  t.true(reaches(on, seen(read)));
  const beside = after(NOTHING, ballotAt(30), minted);
  t.false(reaches(beside, seen(read)), 'what never held the other one does not');
});

test('of two processes that minted in one microsecond, the version alone does not tell which came later', (t) => {
  const one = after(NOTHING, ballotAt(10, 'n1'), put(9, 'a'));
  const other = after(NOTHING, ballotAt(10, 'n2'), put(9, 'b'));
  t.false(reaches(other, seen(one)));
  t.true(reaches(after(one, ballotAt(10, 'n2'), put(9, 'c')), seen(one)), 'its window does');
});

test('where the answer named no version, the ballot alone decides', (t) => {
  const old = after(NOTHING, ballotAt(10), put(9, 'a'));
  t.true(reaches({ ...old, accepted: ballotAt(30) }, { accepted: ballotAt(20), version: NO_VERSION }));
});

test('a reader that takes only what reaches what it saw never sees a version again that it had left', (t) => {
  // Latency writes and consensus writes land anywhere; identity rounds raise any state that is held somewhere.
  const step = fc.record({ kind: fc.constantFrom('latency', 'consensus', 'identity'), at: fc.nat(2), from: fc.nat(2) });
  const plan = fc.array(fc.tuple(step, fc.nat(2)), { maxLength: 40 });
  fc.assert(
    fc.property(plan, (steps) => {
      const replicas: (Held | undefined)[] = [undefined, undefined, undefined];
      const left: string[] = [];
      let floor: Floor | undefined;
      for (const [index, [{ kind, at, from }, reader]] of steps.entries()) {
        const time = 10 + index * 10;
        const base = replicas[from];
        if (kind === 'latency') {
          const operation = { ...putOperation(time, `v${index}`), form: 'latency' as const };
          replicas[at] = { accepted: operation.id, state: latencyState(operation) };
        } else if (kind === 'consensus')
          replicas[at] = after(base ?? NOTHING, ballotAt(time), put(time - 1, `v${index}`));
        else if (base !== undefined) replicas[at] = { ...base, accepted: ballotAt(time) };
        const held = replicas[reader];
        if (held === undefined || (floor !== undefined && !reaches(held, floor))) continue;
        const version = JSON.stringify(held.state.version);
        if (left.includes(version)) return false;
        if (floor !== undefined && version !== JSON.stringify(floor.version)) left.push(JSON.stringify(floor.version));
        floor = seen(held);
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});
