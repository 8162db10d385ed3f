import test from 'ava';
import type { Ballot } from '../../src/core/ballot.js';
import { CounterfactualRead } from '../../src/core/counterfactual-read.js';
import type { HeldVersion } from '../../src/core/staleness.js';
import { versionOf } from '../../src/core/version.js';
import { ballotAt } from './operations.js';

const NOW = 5_000_000;
const [old, recent] = [ballotAt(1), ballotAt(2)];

function held(ballot: Ballot): HeldVersion {
  return { accepted: ballot, version: versionOf(ballot, 0), weak: false, isAbsent: false };
}

function begun(actual?: Ballot): CounterfactualRead {
  return new CounterfactualRead({
    self: 'n1',
    homes: ['n1', 'n2', 'n3'],
    begunAt: NOW,
    actual: actual === undefined ? undefined : { level: 'ONE', begunAt: NOW, held: held(actual) },
  });
}

test('each level takes as long as the replicas that it hears', (t) => {
  const read = begun();
  read.onHeld('n1', held(recent), 0.25);
  read.onHeld('n3', held(recent), 2);
  read.onHeld('n2', held(recent), 9);
  const { levels, replicas } = read.observe();
  t.deepEqual(
    [levels.ONE, levels.QUORUM, levels.ALL].map((answer) => answer?.latencyMs),
    [0.25, 2, 9],
  );
  t.deepEqual(
    replicas.map(({ node, answer }) => [node, answer?.latencyMs]),
    [
      ['n1', 0.25],
      ['n2', 9],
      ['n3', 2],
    ],
  );
});

test('where this replica is stale, ONE is, and the levels that hear a fresh one take a round more', (t) => {
  const read = begun(old);
  read.onHeld('n1', held(old), 0);
  read.onHeld('n2', held(recent), 3);
  read.onHeld('n3', held(old), 4);
  read.onAcknowledged('n2', [{ version: versionOf(recent, 0), at: NOW - 40_000 }]);
  const { levels, replicas, actual, lastWrite } = read.observe();
  t.deepEqual(levels, {
    ONE: { latencyMs: 0, stale: { versions: 1, ms: 40 }, repairs: false },
    QUORUM: { latencyMs: 6, stale: undefined, repairs: true },
    ALL: { latencyMs: 8, stale: undefined, repairs: true },
  });
  t.deepEqual(
    replicas.map(({ answer }) => answer?.stale !== undefined),
    [true, false, true],
  );
  t.deepEqual(actual, { level: 'ONE', isStale: true });
  t.deepEqual(lastWrite, { msAgo: 40, writer: 'n2' });
});

test('a quorum that hears two stale replicas first is stale', (t) => {
  const read = begun();
  read.onHeld('n1', held(old), 0);
  read.onHeld('n3', held(old), 1);
  read.onHeld('n2', held(recent), 2);
  read.onAcknowledged('n2', [{ version: versionOf(recent, 0), at: NOW - 1_000 }]);
  const { levels } = read.observe();
  t.truthy(levels.QUORUM?.stale);
  t.is(levels.ALL?.stale, undefined);
});

test('a level that too few replicas answer would have failed', (t) => {
  const read = begun();
  read.onHeld('n1', held(old), 0);
  read.onHeld('n2', held(old), 1);
  read.onSilence('n3');
  const { levels, replicas } = read.observe();
  t.truthy(levels.QUORUM);
  t.is(levels.ALL, undefined);
  t.is(replicas[2]?.answer, undefined);
});

test('the last write is told by who acknowledged it last, before the read', (t) => {
  const read = begun();
  read.onHeld('n1', held(recent), 0);
  read.onAcknowledged('n1', [{ version: versionOf(old, 0), at: NOW - 9_000 }]);
  read.onAcknowledged('n2', [
    { version: versionOf(recent, 0), at: NOW - 2_000 },
    { version: versionOf(ballotAt(3), 0), at: NOW + 2_000 },
  ]);
  t.deepEqual(read.observe().lastWrite, { msAgo: 2, writer: 'n2' });
  const own = begun();
  own.onAcknowledged('n1', [{ version: versionOf(old, 0), at: NOW - 9_000 }]);
  t.deepEqual(own.observe().lastWrite, { msAgo: 9, writer: 'n1' });
});
