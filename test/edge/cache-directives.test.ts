import test from 'ava';
import { ageAllowedMs, directivesOf } from '../../src/edge/cache-directives.js';

const FRESH_MS = 10_000;
const allowed = (header: string | undefined, pragma?: string): number | undefined =>
  ageAllowedMs(directivesOf(header, pragma), FRESH_MS);

test('a request without directives leaves the age to the cache', (t) => {
  t.is(allowed(undefined), undefined);
  t.is(allowed('no-transform'), undefined);
});

test('no-cache allows nothing that was not asked for, and an old Pragma means the same where it is alone', (t) => {
  t.is(allowed('no-cache'), 0);
  t.is(allowed(undefined, 'no-cache'), 0);
  t.is(allowed('max-age=3', 'no-cache'), 3_000);
});

test('max-age narrows the freshness and never widens it', (t) => {
  t.is(allowed('max-age=3'), 3_000);
  t.is(allowed('max-age=0'), 0);
  t.is(allowed('max-age=60'), FRESH_MS);
});

test('min-fresh takes from it, max-stale adds to it, and without a number takes anything', (t) => {
  t.is(allowed('min-fresh=4'), 6_000);
  t.is(allowed('min-fresh=40'), 0);
  t.is(allowed('max-stale=5'), 15_000);
  t.is(allowed('max-stale'), Infinity);
  t.is(allowed('max-age=2, max-stale=5'), 7_000);
});

test('names have no case, an argument may be quoted, the first of two counts, and nonsense is passed over', (t) => {
  t.is(allowed('Max-Age="3"'), 3_000);
  t.is(allowed('max-age=3, max-age=9'), 3_000);
  t.is(allowed('max-age=-3'), undefined);
  t.is(allowed('max-age=soon, ,;,=5'), undefined);
  t.like(directivesOf('no-store, only-if-cached'), { noStore: true, onlyIfCached: true, noCache: false });
});
