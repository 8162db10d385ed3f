import test from 'ava';
import { checkMonotonicReads, checkReadYourWrites } from '../../../chaos/checkers/session-guarantees.js';
import type { HistoryEvent } from '../../../chaos/history.js';
import { formatVersion, NO_VERSION } from '../../../src/core/version.js';
import { call, cas, del, get, operationsOf, put, vouched } from '../support/written-history.js';

const ryw = (...calls: HistoryEvent[][]): string => checkReadYourWrites(operationsOf(...calls)).verdict;
const monotonic = (...calls: HistoryEvent[][]): string => checkMonotonicReads(operationsOf(...calls)).verdict;
const older = put('z', 0, 1, 'w', 'v0');

test('a process that does not see its own write is refuted; another process may have overwritten it', (t) => {
  t.is(ryw(older, put('a', 2, 3, 'x', 'v1'), get('a', 4, 5, 'w', 'v0')), 'invalid');
  t.is(ryw(older, put('a', 2, 3, 'x', 'v1'), get('a', 4, 5, 'x', 'v1')), 'valid');
  t.is(ryw(older, put('a', 2, 3, 'x', 'v1'), put('b', 4, 5, 'y', 'v2'), get('a', 6, 7, 'y', 'v2')), 'valid');
});

test('an own write may be gone only where a delete may have taken it', (t) => {
  t.is(ryw(put('a', 2, 3, 'x', 'v1'), get('a', 4, 5, null)), 'invalid');
  t.is(ryw(put('a', 2, 3, 'x', 'v1'), del('b', 2, 6, 't1'), get('a', 4, 5, null)), 'valid');
});

test('a version that an own compare-and-set replaced is older than it', (t) => {
  t.is(ryw(cas('a', 2, 3, 'x', 'v7', 'v1'), get('a', 4, 5, 'y', 'v7')), 'invalid');
  t.is(ryw(cas('a', 2, 3, 'x', 'v7', 'v1'), get('a', 4, 5, 'y', 'v8')), 'valid');
  const chain = [cas('b', 0, 1, 'w', 'v7', 'v8'), cas('b', 2, 3, 'x', 'v8', 'v9'), cas('c', 0, 1, 'z', 'v7', 'v5')];
  t.is(ryw(...chain, cas('a', 4, 5, 'y', 'v9', 'v1'), get('a', 6, 7, 'u', 'v7')), 'invalid');
  t.is(ryw(...chain, cas('a', 0, 5, 'y', 'v9', 'v1'), get('a', 6, 7, 'z', 'v5')), 'valid');
});

test('weaker receipts promise a process nothing, but a session something', (t) => {
  const weak = (more: object): HistoryEvent[][] => [
    older,
    put('a', 2, 3, 'x', 'v1', more),
    get('a', 4, 5, 'w', 'v0', { ...vouched('eventual'), ...more }),
  ];
  t.is(ryw(...weak({})), 'valid');
  t.is(ryw(...weak({ session: 's' })), 'invalid');
});

test('the session is shared between processes', (t) => {
  const session = { session: 's' };
  const first = put('a', 2, 3, 'x', 'v1', session);
  t.is(ryw(older, first, get('b', 4, 5, 'w', 'v0', session)), 'invalid');
  t.is(ryw(older, first, get('b', 4, 5, 'w', 'v0')), 'valid');
});

test('reads of a process that go back are refuted', (t) => {
  const writes = [put('z', 0, 1, 'w', 'v0'), put('z', 2, 3, 'x', 'v1')];
  t.is(monotonic(...writes, get('a', 4, 5, 'x', 'v1'), get('a', 6, 7, 'w', 'v0')), 'invalid');
  t.is(monotonic(...writes, get('a', 4, 5, 'w', 'v0'), get('a', 6, 7, 'x', 'v1')), 'valid');
  t.is(monotonic(...writes, get('a', 4, 5, 'x', 'v1'), get('b', 6, 7, 'w', 'v0')), 'valid');
});

test('a version that a session left does not come back, whoever wrote it', (t) => {
  const read = (from: number, version: string): HistoryEvent[] =>
    call('a', from, from + 1, 'get', { session: 's' }, vouched('eventual', { value: version, version }));
  t.is(monotonic(read(0, 'v1'), read(2, 'v2'), read(4, 'v1')), 'invalid');
  t.is(monotonic(read(0, 'v1'), read(2, 'v2'), read(4, 'v2')), 'valid');
});

test('where nothing vouches for its place in real time, a write comes after what has the earlier time', (t) => {
  const [earlier, later] = [1_000, 2_000].map((time) => formatVersion({ ...NO_VERSION, time }));
  const told = (known: string, shown: string, more: object): string =>
    ryw(
      put('z', 0, 1, 'w', shown),
      put('a', 2, 3, 'x', known, { session: 's', ...more }),
      get('a', 4, 5, 'w', shown, { session: 's' }),
    );
  t.is(told(earlier!, later!, vouched('eventual')), 'valid', 'the last writer wins');
  t.is(told(later!, earlier!, vouched('eventual')), 'invalid');
  t.is(told(earlier!, later!, {}), 'invalid', 'a linearizable write has its place');
});

test('an absent key of no named version may be of any deletion that the session has seen', (t) => {
  const read = (from: number, more: object): HistoryEvent[] =>
    call('a', from, from + 1, 'get', { session: 's' }, vouched('eventual', { value: null, ...more }));
  t.is(monotonic(read(0, { version: 't1' }), read(2, {}), read(4, { version: 't1' })), 'valid');
});
