import test from 'ava';
import { checkReceipts, type DurableCopies } from '../../../chaos/checkers/receipts.js';
import { strongestGuarantee } from '../../../chaos/checkers/strongest-guarantee.js';
import type { HistoryKind, HistoryReceipt } from '../../../chaos/history.js';
import type { Level } from '../../../src/core/level.js';
import { POLICIES } from '../../../src/core/policy.js';
import { call, operationsOf } from '../support/written-history.js';

const honest: HistoryReceipt = {
  guarantee: 'linearizable',
  operation: 'put',
  level: 'QUORUM',
  policy: 'PC/EC',
  acks: 2,
  required: 2,
  replicas: ['n1', 'n2'],
  missing: ['n3'],
  hinted: 1,
  degraded: false,
  durableCopies: 2,
  rounds: 1,
  coordinator: 'n1',
  superseded: false,
};

function verdictOf(lie: Partial<HistoryReceipt>, kind: HistoryKind = 'put', copies?: DurableCopies[]): string {
  const asked = kind === 'get' ? {} : { value: 'x', ...(kind === 'cas' ? { expect: 'v0' } : {}) };
  const operations = operationsOf(call('a', 0, 1, kind, asked, { version: 'v1', receipt: { ...honest, ...lie } }));
  return checkReceipts(operations, { replicas: 3, ...(copies === undefined ? {} : { copies }) }).verdict;
}

const degraded = {
  policy: 'PA/EC',
  degraded: true,
  acks: 1,
  replicas: ['n1'],
  missing: ['n2', 'n3'],
  durableCopies: 1,
} as const;
const latency = { level: 'ONE', required: 1, acks: 1, replicas: ['n1'], durableCopies: 1 } as const;

test('honest receipts are accepted', (t) => {
  t.is(verdictOf({}), 'valid');
  t.is(verdictOf({}, 'get'), 'valid');
  t.is(verdictOf({ guarantee: 'quorum' }), 'valid');
  t.is(verdictOf({ ...degraded, guarantee: 'eventual' }), 'valid');
  t.is(verdictOf({ ...latency, guarantee: 'eventual' }), 'valid');
  t.is(verdictOf({ policy: 'PC/EL' }, 'cas'), 'valid');
  t.is(verdictOf({ guarantee: 'quorum', superseded: true }), 'valid');
});

const lies: readonly (readonly [what: string, lie: Partial<HistoryReceipt>, kind?: HistoryKind])[] = [
  ['more acknowledgements than replicas that answered', { acks: 3 }],
  ['a replica counted twice', { replicas: ['n1', 'n1'] }],
  ['a replica that answered and is missing', { missing: ['n2'] }],
  ['more replicas than there are', { missing: ['n3', 'n4'] }],
  ['hints with nobody missing', { missing: [] }],
  ['more durable copies than home replicas', { durableCopies: 4 }],
  ['several acknowledgements in no round', { rounds: 0 }],
  ['another requirement than the level has', { required: 1 }],
  ['a level acknowledged with too few', { acks: 1, replicas: ['n1'], guarantee: 'eventual' }],
  ['degraded although the level was met', { policy: 'PA/EC', degraded: true, guarantee: 'eventual' }],
  ['degraded under a consistent policy', { ...degraded, policy: 'PC/EC', guarantee: 'eventual' }],
  ['a compare-and-set without a majority', { ...degraded, guarantee: 'eventual' }, 'cas'],
  ['degraded and linearizable', degraded],
  ['a latency write vouched for as linearizable', latency],
  ['a latency write by one vouched for as quorum', { ...latency, guarantee: 'quorum' }],
  ['linearizable where latency is preferred', { policy: 'PC/EL' }],
  ['a superseded write vouched for as linearizable', { superseded: true }],
  ['a superseded get', { superseded: true, guarantee: 'quorum' }, 'get'],
];
for (const [what, lie, kind] of lies) {
  test(`refuted: ${what}`, (t) => {
    t.is(verdictOf(lie, kind), 'invalid');
  });
}

test('a receipt must not claim copies that were not there', (t) => {
  const at = (...nodes: string[]): DurableCopies[] => [{ key: 'k', version: 'v1', nodes }];
  t.is(verdictOf({}, 'put', at('n1', 'n2')), 'valid');
  t.is(verdictOf({}, 'put', at('n1', 'n2', 'n3')), 'valid');
  t.is(verdictOf({}, 'put', at('n1')), 'invalid');
  t.is(verdictOf({ durableCopies: 1 }, 'put', at('n1')), 'invalid');
  t.is(verdictOf({}, 'put', at('n1', 'n3')), 'invalid');
  t.is(verdictOf({}, 'get', at('n1')), 'invalid');
  t.is(verdictOf({ durableCopies: 1 }, 'get', at('n1')), 'valid');
});

test('the strongest guarantee, for every policy, level, count and kind', (t) => {
  const rows: (readonly [name: string, ...said: string[]])[] = [];
  for (const policy of POLICIES) {
    for (const [level, acks, degraded] of [
      ['ONE', 1, false],
      ['ONE', 2, false],
      ['QUORUM', 2, false],
      ['ALL', 3, false],
      ['QUORUM', 1, true],
      ['ALL', 2, true],
    ] as [Level, number, boolean][]) {
      const claim = { policy, level, acks, replicas: 3, degraded };
      rows.push([
        `${policy} ${level} ${acks}${degraded ? ' degraded' : ''}`,
        strongestGuarantee({ ...claim, alwaysConsensus: false }),
        strongestGuarantee({ ...claim, alwaysConsensus: true }),
      ]);
    }
  }
  const strict = [
    ['ONE 1', 'eventual', 'impossible'],
    ['ONE 2', 'quorum', 'linearizable'],
  ];
  const ec = [
    ['QUORUM 2', 'linearizable', 'linearizable'],
    ['ALL 3', 'linearizable', 'linearizable'],
  ];
  const el = [
    ['QUORUM 2', 'quorum', 'linearizable'],
    ['ALL 3', 'quorum', 'linearizable'],
  ];
  const refused = [
    ['QUORUM 1 degraded', 'impossible', 'impossible'],
    ['ALL 2 degraded', 'impossible', 'impossible'],
  ];
  const served = (all: string): string[][] => [
    ['QUORUM 1 degraded', 'eventual', 'impossible'],
    ['ALL 2 degraded', all, 'linearizable'],
  ];
  const expected = {
    'PC/EC': [...strict, ...ec, ...refused],
    'PC/EL': [...strict, ...el, ...refused],
    'PA/EC': [...strict, ...ec, ...served('linearizable')],
    'PA/EL': [...strict, ...el, ...served('quorum')],
  };
  t.deepEqual(
    rows.map((row) => [...row]),
    POLICIES.flatMap((policy) => expected[policy].map(([name, ...said]) => [`${policy} ${name!}`, ...said])),
  );
});
