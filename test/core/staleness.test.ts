import test from 'ava';
import type { Ballot } from '../../src/core/ballot.js';
import { stalenessOf, type HeldVersion, type Known } from '../../src/core/staleness.js';
import { NO_VERSION, versionOf } from '../../src/core/version.js';
import { ballotAt } from './operations.js';

const MS = 1_000;
const NOW = 10_000 * MS;

function held(ballot: Ballot, fields: Partial<HeldVersion> = {}): HeldVersion {
  return { accepted: ballot, version: versionOf(ballot, 0), weak: false, isAbsent: false, ...fields };
}

function acknowledged(ballot: Ballot, at: number) {
  return { version: versionOf(ballot, 0), at };
}

function known(fields: Partial<Known>): Known {
  return { replicas: 3, begunAt: NOW, acknowledged: [], held: [], ...fields };
}

const old = ballotAt(1);
const [first, second, third] = [ballotAt(1, 'n1', 1), ballotAt(1, 'n1', 2), ballotAt(5, 'n2')];

test('an answer is stale by the acknowledged writes that it misses, since the first of them', (t) => {
  const writes = [
    acknowledged(old, NOW - 900 * MS),
    acknowledged(first, NOW - 70 * MS),
    acknowledged(second, NOW - 50 * MS),
    acknowledged(third, NOW - 20 * MS),
  ];
  const all = known({ acknowledged: writes, held: [held(old), held(third)] });
  t.deepEqual(stalenessOf(held(old), all), { versions: 3, ms: 70 });
  t.deepEqual(stalenessOf(held(second), all), { versions: 1, ms: 20 });
  t.is(stalenessOf(held(third), all), undefined);
});

test('a write that was acknowledged after the read began is not missed', (t) => {
  const later = known({ acknowledged: [acknowledged(first, NOW + 1)], held: [held(old), held(first)] });
  t.is(stalenessOf(held(old), later), undefined);
});

test('a write under way that nobody has acknowledged is not missed', (t) => {
  t.is(stalenessOf(held(old), known({ held: [held(old), held(old), held(third)] })), undefined);
});

test('a write that a majority holds is missed, whoever acknowledged it', (t) => {
  t.deepEqual(stalenessOf(held(old), known({ held: [held(old), held(third), held(third)] })), { versions: 1, ms: 0 });
});

test('a latency write that one replica has held for long is missed, since it was made', (t) => {
  const weak = held(ballotAt(NOW - 3_000 * MS), { weak: true });
  t.deepEqual(stalenessOf(held(old), known({ held: [held(old), weak] })), { versions: 1, ms: 3_000 });
  const young = held(ballotAt(NOW - 300 * MS), { weak: true });
  t.is(stalenessOf(held(old), known({ held: [held(old), young] })), undefined);
});

test('the same version under a later ballot is the same value', (t) => {
  const again: HeldVersion = { ...held(third), version: versionOf(old, 0) };
  t.is(stalenessOf(held(old), known({ held: [held(old), again, again] })), undefined);
});

test('no value is as good as a tombstone', (t) => {
  const never: HeldVersion = { accepted: NO_VERSION, version: NO_VERSION, weak: false, isAbsent: true };
  const deleted = held(third, { isAbsent: true });
  const all = known({ acknowledged: [acknowledged(third, NOW - MS)], held: [never, deleted, deleted] });
  t.is(stalenessOf(never, all), undefined);
  t.deepEqual(stalenessOf(held(old), all), { versions: 1, ms: 1 });
});
