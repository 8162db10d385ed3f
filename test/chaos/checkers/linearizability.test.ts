import test from 'ava';
import { checkLinearizability } from '../../../chaos/checkers/linearizability.js';
import type { HistoryEvent } from '../../../chaos/history.js';
import { atomicHistory } from '../support/atomic-register.js';
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

const verdictOf = (...calls: HistoryEvent[][]): string => checkLinearizability(operationsOf(...calls)).verdict;

/** Each pair: a history to accept, and one almost the same to refute. */
const pairs: readonly (readonly [what: string, good: HistoryEvent[][], bad: HistoryEvent[][]])[] = [
  [
    'a read after a write',
    [put('a', 0, 1, 'x', 'v1'), get('b', 2, 3, 'x', 'v1')],
    [put('a', 0, 1, 'x', 'v1'), get('b', 2, 3, null)],
  ],
  [
    'a read beside a write, and one after',
    [put('a', 0, 9, 'x', 'v1'), get('b', 1, 2, null), get('b', 3, 4, 'x', 'v1')],
    [put('a', 0, 9, 'x', 'v1'), get('b', 1, 2, 'x', 'v1'), get('b', 3, 4, null)],
  ],
  [
    'two writes and two readers',
    [put('a', 0, 9, 'x', 'v1'), put('b', 0, 9, 'y', 'v2'), get('c', 1, 2, 'x', 'v1'), get('d', 3, 4, 'y', 'v2')],
    [put('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'y', 'v2'), get('c', 4, 5, 'y', 'v2'), get('d', 6, 7, 'x', 'v1')],
  ],
  [
    'a write of unknown outcome',
    [unknownPut('a', 0, 'x'), put('b', 1, 2, 'y', 'v2'), get('c', 3, 4, 'y', 'v2'), get('c', 5, 6, 'x', 'v1')],
    [unknownPut('a', 0, 'x'), get('c', 1, 2, 'x', 'v1'), put('b', 3, 4, 'y', 'v2'), get('c', 5, 6, 'x', 'v1')],
  ],
  [
    'a write of unknown outcome that began too late',
    [unknownPut('a', 0, 'x'), get('b', 1, 2, 'x', 'v1')],
    [unknownPut('a', 3, 'x'), get('b', 1, 2, 'x', 'v1')],
  ],
  [
    'a definite failure',
    [failedPut('a', 0, 1, 'x'), get('b', 2, 3, null)],
    [failedPut('a', 0, 1, 'x'), get('b', 2, 3, 'x', 'v1')],
  ],
  [
    'a latency write, which may come at any time but once',
    [weakPut('a', 0, 1, 'x', 'v1'), put('b', 2, 3, 'y', 'v2'), get('b', 4, 5, 'y', 'v2'), get('b', 6, 7, 'x', 'v1')],
    [weakPut('a', 0, 1, 'x', 'v1'), get('b', 2, 3, 'x', 'v1'), put('b', 4, 5, 'y', 'v2'), get('b', 6, 7, 'x', 'v1')],
  ],
  [
    'a compare-and-set',
    [put('a', 0, 1, 'x', 'v1'), cas('a', 2, 3, 'y', 'v1', 'v2'), get('b', 4, 5, 'y', 'v2')],
    [put('a', 0, 1, 'x', 'v1'), put('a', 2, 3, 'z', 'v3'), cas('a', 4, 5, 'y', 'v1', 'v2')],
  ],
  [
    'two compare-and-sets on one version',
    [put('a', 0, 1, 'x', 'v1'), cas('a', 2, 9, 'y', 'v1', 'v2'), cas('b', 2, 9, 'z', 'v2', 'v3')],
    [put('a', 0, 1, 'x', 'v1'), cas('a', 2, 9, 'y', 'v1', 'v2'), cas('b', 2, 9, 'z', 'v1', 'v3')],
  ],
  [
    'a condition that failed',
    [put('a', 0, 1, 'x', 'v1'), put('a', 2, 3, 'y', 'v2'), refused('b', 4, 5, 'z', 'v1')],
    [put('a', 0, 1, 'x', 'v1'), refused('b', 4, 5, 'z', 'v1')],
  ],
  [
    'a condition that failed and says what it found',
    [put('a', 0, 1, 'x', 'v1'), put('a', 2, 3, 'y', 'v2'), refused('b', 4, 5, 'z', 'v1', 'v2')],
    [
      put('a', 0, 1, 'x', 'v1'),
      put('a', 2, 3, 'y', 'v2'),
      put('a', 4, 5, 'w', 'v3'),
      refused('b', 6, 7, 'z', 'v1', 'v2'),
    ],
  ],
  [
    'create if absent',
    [del('a', 0, 1, 't1'), call('a', 2, 3, 'create', { value: 'x' }, vouched('linearizable', { version: 'v1' }))],
    [put('a', 0, 1, 'y', 'v2'), call('a', 2, 3, 'create', { value: 'x' }, vouched('linearizable', { version: 'v1' }))],
  ],
  [
    'create after a delete of unknown outcome',
    [
      put('a', 0, 1, 'y', 'v2'),
      call('b', 2, 0, 'delete', {}, null),
      call('a', 3, 4, 'create', { value: 'x' }, vouched('linearizable', { version: 'v1' })),
    ],
    [
      put('a', 0, 1, 'y', 'v2'),
      call('a', 3, 4, 'create', { value: 'x' }, vouched('linearizable', { version: 'v1' })),
      call('b', 5, 0, 'delete', {}, null),
    ],
  ],
  [
    'a delete',
    [put('a', 0, 1, 'x', 'v1'), del('a', 2, 3, 't1'), get('b', 4, 5, null, 't1')],
    [put('a', 0, 1, 'x', 'v1'), del('a', 2, 3, 't1'), get('b', 4, 5, 'x', 'v1')],
  ],
  [
    'what a mutation says was there',
    [put('a', 0, 1, 'x', 'v1', { existed: false }), put('a', 2, 3, 'y', 'v2', { existed: true })],
    [put('a', 0, 1, 'x', 'v1', { existed: false }), put('a', 2, 3, 'y', 'v2', { existed: false })],
  ],
  [
    'expiry',
    [
      call('a', 0, 1, 'put', { value: 'x', ttlMs: 50 }, vouched('linearizable', { version: 'v1' })),
      get('b', 90, 91, null, 't9'),
    ],
    [
      call('a', 0, 1, 'put', { value: 'x', ttlMs: 50 }, vouched('linearizable', { version: 'v1' })),
      get('b', 80, 81, null, 't9'),
      get('b', 90, 91, 'x', 'v1'),
    ],
  ],
  [
    'attempts at one operation: one effect',
    [
      call('a', 0, 1, 'put', { value: 'x', op: 'o' }, { type: 'unknown' }),
      put('b', 2, 3, 'y', 'v2'),
      call('c', 4, 5, 'put', { value: 'x', op: 'o' }, vouched('linearizable', { version: 'v1' })),
      get('b', 6, 7, 'y', 'v2'),
    ],
    [
      put('b', 2, 3, 'y', 'v2'),
      call('c', 4, 5, 'put', { value: 'x', op: 'o' }, vouched('linearizable', { version: 'v1' })),
      get('b', 6, 7, 'y', 'v2'),
    ],
  ],
];
for (const [what, good, bad] of pairs) {
  test(`${what}: accepted where it fits, refuted where it does not`, (t) => {
    t.is(verdictOf(...good), 'valid');
    t.is(verdictOf(...bad), 'invalid');
  });
}

test('reads with a weaker receipt, or none, bind nothing', (t) => {
  const wrong = (receipt: Partial<HistoryEvent>): HistoryEvent[] =>
    call('b', 2, 3, 'get', {}, { value: 'never', version: 'v9', ...receipt });
  t.is(verdictOf(put('a', 0, 1, 'x', 'v1'), wrong({})), 'valid');
  t.is(verdictOf(put('a', 0, 1, 'x', 'v1'), wrong(vouched('quorum'))), 'valid');
  t.is(verdictOf(put('a', 0, 1, 'x', 'v1'), wrong(vouched('linearizable'))), 'invalid');
});

test('keys are judged apart', (t) => {
  const verdict = checkLinearizability(
    operationsOf(
      put('a', 0, 1, 'x', 'v1'),
      call('b', 2, 3, 'get', { key: 'other' }, vouched('linearizable', { key: 'other', value: null })),
    ),
  );
  t.is(verdict.verdict, 'valid');
  t.is(verdict.checkedOperations, 2);
});

test('ten thousand operations of twenty clients on one key are judged, true or with one lie', (t) => {
  t.timeout(300_000);
  const history = atomicHistory({
    seed: 20,
    clients: 20,
    operations: 10_000,
    gets: 0.4,
    cas: 0.2,
    creates: 0.05,
    deletes: 0.05,
    unknown: 0.02,
    weak: 0.02,
  });
  const started = performance.now();
  const verdict = checkLinearizability(operationsOf(history));
  const seconds = (): string => ((performance.now() - started) / 1_000).toFixed(1);
  t.log(`${verdict.checkedOperations} binding operations judged in ${seconds()} s`);
  t.is(verdict.verdict, 'valid');
  t.true(verdict.checkedOperations > 9_000);
  const reads = history.filter(({ type, kind, value }) => type === 'ok' && kind === 'get' && typeof value === 'string');
  const { value, version } = reads[0]!;
  const lie = history.map((event) =>
    event === reads.at(-500) ? { ...event, value: value!, version: version! } : event,
  );
  const refuted = checkLinearizability(operationsOf(lie));
  t.log(`and again, with one stale read, in ${seconds()} s`);
  t.is(refuted.verdict, 'invalid');
  t.true(refuted.violations[0]!.counterexample!.operations.length < 200);
});

test('a history too hard for the budget is undecided, never valid', (t) => {
  const history = atomicHistory({ seed: 1, clients: 12, operations: 300, versioned: false, gets: 0.3, cas: 0.2 });
  const verdict = checkLinearizability(operationsOf(history), { budget: 20 });
  t.is(verdict.verdict, 'undecided');
  t.deepEqual(verdict.undecidedKeys, ['k0']);
  t.is(checkLinearizability(operationsOf(history)).verdict, 'valid');
});

test('a configuration that counts many optional calls uses up more of the budget', (t) => {
  const operations = operationsOf(
    atomicHistory({
      seed: 3,
      clients: 240,
      operations: 6_000,
      versioned: false,
      values: 1_000,
      gets: 0.2,
      cas: 0.1,
      unknown: 0.1,
      weak: 0.9,
    }),
  );
  const { verdict, checkedOperations } = checkLinearizability(operations);
  t.is(verdict, 'valid');
  // Half of this is enough where every configuration counts as one.
  t.is(checkLinearizability(operations, { budget: checkedOperations }).verdict, 'undecided');
});

test('a counterexample is the shortest stretch that cannot be explained', (t) => {
  const noise = Array.from({ length: 300 }, (_, i) => put('a', i * 10, i * 10 + 1, `x${i}`, `v${i}`));
  const late = Array.from({ length: 300 }, (_, i) => get('a', 5000 + i * 10, 5001 + i * 10, 'x299', 'v299'));
  const [violation] = checkLinearizability(
    operationsOf(...noise, get('b', 1505, 1506, 'x147', 'v147'), ...late),
  ).violations;
  const { operations, before } = violation!.counterexample!;
  t.is(before, 'any value');
  // Whatever was there before the write of v150, it was not v147 after it.
  const shown = operations.map(({ operation, role }) => [operation.version, role]);
  t.deepEqual(shown, [
    ['v150', 'needed'],
    ['v147', 'offending'],
  ]);
});

test('a counterexample that hangs on the key being absent says so', (t) => {
  const [violation] = checkLinearizability(operationsOf(get('a', 0, 1, 'x', 'v1'))).violations;
  t.is(violation!.counterexample!.before, 'absent');
  t.regex(violation!.explanation, /absent key/);
});
