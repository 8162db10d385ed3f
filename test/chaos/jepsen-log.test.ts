import test from 'ava';
import { check } from '../../chaos/check.js';
import { parseJepsenRegisterLog } from '../../chaos/jepsen-log.js';

function log(...lines: string[]): string {
  return lines.map((line) => `INFO  jepsen.util - ${line.replaceAll(' ', '\t').replace('[3\t1]', '[3 1]')}`).join('\n');
}
const verdictOf = (...lines: string[]): string => check(parseJepsenRegisterLog(log(...lines))).verdict;

test('all forms of line become events, others are skipped', (t) => {
  const text = [
    '0 :invoke :cas [3 1]',
    '1 :invoke :read nil',
    '0 :fail :cas [3 1]',
    '1 :ok :read nil',
    '2 :invoke :write 2',
    '2 :info :write :timed-out',
  ];
  const events = parseJepsenRegisterLog(
    `INFO  jepsen.core - Running test\n${log(...text)}\nINFO  jepsen.util - :nemesis\t:info\t:start\tnil\n`,
  );
  t.deepEqual(
    events.map(({ type, kind, value, expectValue, code }) => ({ type, kind, value, expectValue, code })),
    [
      { type: 'invoke', kind: 'cas', value: '1', expectValue: '3', code: undefined },
      { type: 'invoke', kind: 'get', value: undefined, expectValue: undefined, code: undefined },
      { type: 'fail', kind: 'cas', value: '1', expectValue: '3', code: 'CONDITION_FAILED' },
      { type: 'ok', kind: 'get', value: null, expectValue: undefined, code: undefined },
      { type: 'invoke', kind: 'put', value: '2', expectValue: undefined, code: undefined },
      { type: 'unknown', kind: 'put', value: undefined, expectValue: undefined, code: 'timed-out' },
    ],
  );
});

test('operands that cannot be read are refused with their line', (t) => {
  t.throws(() => parseJepsenRegisterLog('\nINFO  jepsen.util - 0\t:ok\t:cas\t[3]\n'), { message: /line 2 .*\[3\]/ });
});

const START = ['0 :invoke :write 3', '0 :ok :write 3'];
const CAS = ['1 :invoke :cas [3 1]', '1 :ok :cas [3 1]'];
const cases: readonly (readonly [title: string, verdict: string, lines: readonly string[]])[] = [
  ['a compare-and-set is seen', 'valid', [...START, ...CAS, '2 :invoke :read nil', '2 :ok :read 1']],
  ['a read after a compare-and-set misses it', 'invalid', [...START, ...CAS, '2 :invoke :read nil', '2 :ok :read 3']],
  ['one value is exchanged twice', 'invalid', [...START, ...CAS, '2 :invoke :cas [3 1]', '2 :ok :cas [3 1]']],
  [
    'a compare-and-set fails after the value changed',
    'valid',
    [...START, ...CAS, '2 :invoke :cas [3 1]', '2 :fail :cas [3 1]'],
  ],
  [
    'a compare-and-set fails although its value is there',
    'invalid',
    [...START, '2 :invoke :cas [3 1]', '2 :fail :cas [3 1]'],
  ],
  [
    'a write of unknown outcome is seen much later',
    'valid',
    [
      '0 :invoke :write 2',
      '0 :info :write :timed-out',
      ...START.map((line) => line.replace('0', '7')),
      '2 :invoke :read nil',
      '2 :ok :read 3',
      '2 :invoke :read nil',
      '2 :ok :read 2',
    ],
  ],
  [
    'a write of unknown outcome is seen, gone, and seen again',
    'invalid',
    [
      '0 :invoke :write 2',
      '0 :info :write :timed-out',
      '2 :invoke :read nil',
      '2 :ok :read 2',
      '2 :invoke :write 3',
      '2 :ok :write 3',
      '2 :invoke :read nil',
      '2 :ok :read 2',
    ],
  ],
  ['a read fails for a reason of its own', 'valid', [...START, '2 :invoke :read nil', '2 :fail :read :timed-out']],
  ['a value is read that nobody wrote', 'invalid', [...START, '2 :invoke :read nil', '2 :ok :read 4']],
];
for (const [title, verdict, lines] of cases) {
  test(`${title}: ${verdict}`, (t) => {
    t.is(verdictOf(...lines), verdict);
  });
}
