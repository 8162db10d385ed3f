import test from 'ava';
import { parseHistory, serializeHistory, type HistoryEvent } from '../../chaos/history.js';
import { pairOperations } from '../../chaos/checkers/operation.js';
import { FulcrumError } from '../../src/core/errors.js';
import { get, put, unknownPut } from './support/written-history.js';

const written = [...put('c1', 0, 1, 'a', 'v1'), ...unknownPut('c2', 2, 'b'), ...get('c1', 3, 4, 'a', 'v1')];
const line = (event: object): string => JSON.stringify(event);
const sound = { type: 'invoke', process: 'c1', time: 1, key: 'k', kind: 'get' };

test('a history survives being written and read', (t) => {
  t.deepEqual(parseHistory(serializeHistory(written)), written);
});

test('blank lines and a missing last newline are no matter', (t) => {
  t.is(parseHistory(`\n${line(sound)}\n\n${line(sound)}`).length, 2);
});

const malformed: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['text that is not JSON', '{"type":', /line 2.*not JSON/],
  ['a list', '[]', /line 2.*JSON object/],
  ['null', 'null', /line 2.*JSON object/],
  ['a missing field', line({ ...sound, key: undefined }), /line 2.*"key" is missing/],
  ['an unknown type', line({ ...sound, type: 'maybe' }), /line 2.*"type" must be one of invoke, ok/],
  ['an unknown kind', line({ ...sound, kind: 'incr' }), /line 2.*"kind" must be one of get/],
  ['a time that is no number', line({ ...sound, time: '1' }), /line 2.*"time" must be a number/],
  ['an unknown field', line({ ...sound, colour: 'red' }), /line 2.*unknown field "colour"/],
  ['a field every object inherits', line({ ...sound, constructor: 1 }), /line 2.*unknown field "constructor"/],
  ['a value that is no string', line({ ...sound, value: 3 }), /line 2.*"value" must be a string or null/],
  ['a receipt without a guarantee', line({ ...sound, receipt: {} }), /line 2.*"receipt.guarantee" is missing/],
  ['an unknown guarantee', line({ ...sound, receipt: { guarantee: 'strong' } }), /"receipt.guarantee" must be one of/],
  [
    'a bad receipt field',
    line({ ...sound, receipt: { guarantee: 'quorum', acks: -1 } }),
    /"receipt.acks" must be a number/,
  ],
];
for (const [what, text, says] of malformed) {
  test(`${what} is refused with its line and the reason`, (t) => {
    const error = t.throws(() => parseHistory(`${line(sound)}\n${text}\n`), {
      instanceOf: FulcrumError,
      message: says,
    });
    t.is(error.code, 'INVALID_ARGUMENT');
  });
}

test('events are paired into operations; what has no end is unknown', (t) => {
  const operations = pairOperations([...written, { ...(sound as HistoryEvent), time: 9 }]);
  t.deepEqual(
    operations.map(({ process, kind, outcome, start, end }) => [process, kind, outcome, start, end]),
    [
      ['c1', 'put', 'ok', 0, 1],
      ['c2', 'put', 'unknown', 2, Infinity],
      ['c1', 'get', 'ok', 4, 5],
      ['c1', 'get', 'unknown', 6, Infinity],
    ],
  );
});

test('files of several processes may be concatenated: time decides', (t) => {
  const operations = pairOperations([...get('late', 5, 6, null), ...get('early', 1, 2, null)]);
  t.deepEqual(
    operations.map(({ process }) => process),
    ['early', 'late'],
  );
});

test('an end without an invoke, a second open operation, and an end of another kind are refused', (t) => {
  const [invoke, end] = get('c1', 1, 2, null) as [HistoryEvent, HistoryEvent];
  t.throws(() => pairOperations([end]), { message: /event 1 .*no operation open/ });
  t.throws(() => pairOperations([invoke, invoke]), { message: /event 2 .*open already/ });
  t.throws(() => pairOperations([invoke, { ...end, kind: 'put' }]), {
    message: /event 2 .*the open operation is a get/,
  });
});
