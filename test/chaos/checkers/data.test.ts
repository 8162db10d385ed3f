/** The smaller checkers: each with a history to refute and one almost the same to accept. */
import test from 'ava';
import { checkConvergence, type ReplicaDump, type ReplicaRecord } from '../../../chaos/checkers/convergence.js';
import { checkDefiniteFailures } from '../../../chaos/checkers/definite-failures.js';
import { checkDeletedKeys } from '../../../chaos/checkers/deleted-keys.js';
import { checkEffectOnce } from '../../../chaos/checkers/effect-once.js';
import { checkLostWrites } from '../../../chaos/checkers/lost-writes.js';
import type { Operation } from '../../../chaos/checkers/operation.js';
import { checkSuccessors } from '../../../chaos/checkers/successors.js';
import type { Verdict } from '../../../chaos/checkers/verdict.js';
import { checkVersionValues } from '../../../chaos/checkers/version-values.js';
import type { HistoryEvent } from '../../../chaos/history.js';
import {
  call,
  cas,
  del,
  failedPut,
  get,
  operationsOf,
  put,
  refused,
  unknownPut,
  vouched,
  weakPut,
} from '../support/written-history.js';

type Checker = (operations: readonly Operation[]) => Verdict;
type Case = readonly [what: string, checker: Checker, good: HistoryEvent[][], bad: HistoryEvent[][]];

const final = { final: true, ...vouched('eventual') };
const attempt = (process: string, from: number, op: string, version: string): HistoryEvent[] =>
  call(process, from, from + 1, 'put', { value: 'x', op }, vouched('linearizable', { version }));
const withOp = (events: HistoryEvent[], op: string): HistoryEvent[] => events.map((event) => ({ ...event, op }));

const cases: readonly Case[] = [
  [
    'a linearizable write that the last read misses',
    checkLostWrites,
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'y', 'v2'), get('c', 4, 5, 'y', 'v2')],
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'y', 'v2'), get('c', 4, 5, 'x', 'v1')],
  ],
  [
    'the same on a final read of any guarantee',
    checkLostWrites,
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'y', 'v2'), get('c', 4, 5, 'x', 'v1', vouched('eventual'))],
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'y', 'v2'), get('c', 4, 5, 'x', 'v1', final)],
  ],
  [
    'a weak write that lost to another, and one that vanished',
    checkLostWrites,
    [weakPut('a', 0, 1, 'x', 'v1'), weakPut('b', 2, 3, 'y', 'v2'), get('c', 4, 5, 'x', 'v1', final)],
    [weakPut('a', 0, 1, 'x', 'v1'), weakPut('b', 2, 3, 'y', 'v2'), get('c', 4, 5, null, undefined, final)],
  ],
  [
    'a last value of unknown outcome',
    checkLostWrites,
    [put('a', 0, 1, 'x', 'v1'), unknownPut('b', 0, 'y'), get('c', 4, 5, 'y', 'v2')],
    [put('a', 0, 1, 'x', 'v1'), failedPut('b', 0, 0.5, 'y'), get('c', 4, 5, 'y', 'v2')],
  ],
  [
    'two versions made by one operation',
    checkEffectOnce,
    [attempt('a', 0, 'o', 'v1'), attempt('b', 2, 'o', 'v1')],
    [attempt('a', 0, 'o', 'v1'), attempt('b', 2, 'o', 'v2')],
  ],
  [
    'a second version seen by a reader',
    checkEffectOnce,
    [attempt('a', 0, 'o', 'v1'), get('b', 2, 3, 'x', 'v1', { writer: 'o' })],
    [attempt('a', 0, 'o', 'v1'), get('b', 2, 3, 'x', 'v2', { writer: 'o' })],
  ],
  [
    'an operation both refused and applied',
    checkEffectOnce,
    [withOp(refused('a', 0, 1, 'x', 'v0'), 'o'), withOp(cas('a', 2, 3, 'x', 'v0', 'v1'), 'p')],
    [withOp(refused('a', 0, 1, 'x', 'v0'), 'o'), withOp(cas('a', 2, 3, 'x', 'v0', 'v1'), 'o')],
  ],
  [
    'an overwritten value that comes back, under another version',
    checkEffectOnce,
    [unknownPut('a', 0, 'x'), get('b', 1, 2, 'x', 'v1'), put('b', 3, 9, 'y', 'v2'), get('c', 5, 6, 'x', 'v1')],
    [unknownPut('a', 0, 'x'), get('b', 1, 2, 'x', 'v1'), put('b', 3, 4, 'y', 'v2'), get('c', 5, 6, 'x', 'v3')],
  ],
  [
    'a definite failure that shows',
    checkDefiniteFailures,
    [failedPut('a', 0, 1, 'x'), unknownPut('a', 2, 'x'), get('b', 4, 5, 'x', 'v1')],
    [failedPut('a', 0, 1, 'x'), unknownPut('a', 2, 'y'), get('b', 4, 5, 'x', 'v1')],
  ],
  [
    'a definite failure that shows in an eventual read',
    checkDefiniteFailures,
    [failedPut('a', 0, 1, 'x'), get('b', 4, 5, 'y', 'v1', vouched('eventual'))],
    [failedPut('a', 0, 1, 'x'), get('b', 4, 5, 'x', 'v1', vouched('eventual'))],
  ],
  [
    'a deleted value that comes back',
    checkDeletedKeys,
    [put('a', 0, 1, 'x', 'v1'), del('a', 2, 3, 't1'), put('a', 4, 5, 'y', 'v2'), get('b', 6, 7, 'y', 'v2')],
    [put('a', 0, 1, 'x', 'v1'), del('a', 2, 3, 't1'), get('b', 6, 7, 'x', 'v1')],
  ],
  [
    'a deleted value in a final read',
    checkDeletedKeys,
    [put('a', 0, 1, 'x', 'v1'), del('a', 2, 9, 't1'), get('b', 6, 7, 'x', 'v1', final)],
    [put('a', 0, 1, 'x', 'v1'), del('a', 2, 3, 't1'), get('b', 6, 7, 'x', 'v1', final)],
  ],
  [
    'one version with two values',
    checkVersionValues,
    [put('a', 0, 1, 'x', 'v1'), get('b', 2, 3, 'x', 'v1', vouched('eventual'))],
    [put('a', 0, 1, 'x', 'v1'), get('b', 2, 3, 'y', 'v1', vouched('eventual'))],
  ],
  [
    'one version made twice',
    checkVersionValues,
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'x', 'v2')],
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'x', 'v1')],
  ],
  [
    'a deleted key deleted again',
    checkVersionValues,
    [del('a', 0, 1, 't1'), del('b', 2, 3, 't1')],
    [del('a', 0, 1, 't1'), put('b', 2, 3, 'x', 't1')],
  ],
  [
    'two successors of one version',
    checkSuccessors,
    [cas('a', 0, 1, 'x', 'v0', 'v1'), cas('b', 2, 3, 'y', 'v1', 'v2')],
    [cas('a', 0, 1, 'x', 'v0', 'v1'), cas('b', 2, 3, 'y', 'v0', 'v2')],
  ],
];
for (const [what, checker, good, bad] of cases) {
  test(`${what}: refuted, and its honest twin accepted`, (t) => {
    const accepted = checker(operationsOf(...good));
    t.is(accepted.verdict, 'valid', accepted.violations[0]?.explanation);
    const refuted = checker(operationsOf(...bad));
    t.is(refuted.verdict, 'invalid');
    t.true(refuted.violations[0]!.explanation.length > 0 && refuted.violations[0]!.operations.length > 0);
  });
}

test('two attempts at one operation are one successor', (t) => {
  const history = operationsOf(
    withOp(cas('a', 0, 1, 'x', 'v0', 'v1'), 'o'),
    withOp(cas('b', 2, 3, 'x', 'v0', 'v1'), 'o'),
  );
  t.is(checkSuccessors(history).verdict, 'valid');
});

test('an unacknowledged key has nothing to lose', (t) => {
  const verdict = checkLostWrites(operationsOf(get('a', 0, 1, null)));
  t.is(verdict.verdict, 'valid');
  t.is(verdict.checkedOperations, 0);
});

const record: ReplicaRecord = { ballot: '5@n1', version: 'v1', digest: 'd1' };
const dump = (node: string, key: string | undefined, held = record): ReplicaDump => ({
  node,
  records: new Map(key === undefined ? [] : [[key, held]]),
});

test('replicas that hold the same have converged; another ballot, version, value or nothing at all has not', (t) => {
  t.is(checkConvergence([dump('n1', 'k'), dump('n2', 'k')]).verdict, 'valid');
  for (const other of [{ ballot: '6@n1' }, { version: 'v2' }, { digest: 'd2' }, { digest: null }]) {
    t.is(checkConvergence([dump('n1', 'k'), dump('n2', 'k', { ...record, ...other })]).verdict, 'invalid');
  }
  const missing = checkConvergence([dump('n1', 'k'), dump('n2', undefined)]);
  t.is(missing.verdict, 'invalid');
  t.regex(missing.violations[0]!.explanation, /n1 holds d1 .*n2 holds nothing/);
});

test('only the home replicas of a key must hold it', (t) => {
  const dumps = [dump('n1', 'k'), dump('n2', 'k'), dump('n3', undefined)];
  t.is(checkConvergence(dumps, () => ['n1', 'n2']).verdict, 'valid');
  t.is(checkConvergence(dumps, () => ['n1', 'n3']).verdict, 'invalid');
  t.is(checkConvergence(dumps, () => ['n1', 'n4']).verdict, 'invalid');
});
