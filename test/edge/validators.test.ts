import test from 'ava';
import { FulcrumError } from '../../src/core/errors.js';
import { formatVersion } from '../../src/core/version.js';
import { entityTag, expectationOf, isNotModified, lastModifiedMs } from '../../src/edge/validators.js';

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const VERSION = formatVersion({ time: (AT_MS + 250) * 1_000, incarnation: 'aaaaaaaaaaaaaaaa', sub: 0, index: 0 });
const TAG = entityTag(VERSION)!;
const date = (ms: number): string => new Date(ms).toUTCString();

test('an entity tag is the version in quotes, and a key that never had a value has none', (t) => {
  t.is(TAG, `"${VERSION}"`);
  t.is(entityTag(undefined), undefined);
});

test('the date of a version is told once no other write can come in the same second', (t) => {
  t.is(lastModifiedMs(VERSION, AT_MS + 500), undefined);
  t.is(lastModifiedMs(VERSION, AT_MS + 2_999), undefined);
  t.is(lastModifiedMs(VERSION, AT_MS + 3_000), AT_MS);
  t.is(lastModifiedMs(undefined, AT_MS), undefined);
});

test('If-None-Match matches one of several, weak or strong, and anything there is', (t) => {
  for (const header of [TAG, `W/${TAG}`, `"other", ${TAG}`, '*'])
    t.true(isNotModified({ 'if-none-match': header }, TAG, undefined), header);
  for (const header of ['"other"', VERSION, ''])
    t.false(isNotModified({ 'if-none-match': header }, TAG, AT_MS), header);
  t.false(isNotModified({ 'if-none-match': '*' }, undefined, undefined));
});

test('If-Modified-Since is for any date from the modification on, not that date alone', (t) => {
  t.true(isNotModified({ 'if-modified-since': date(AT_MS) }, TAG, AT_MS));
  t.true(isNotModified({ 'if-modified-since': date(AT_MS + 60_000) }, TAG, AT_MS));
  t.false(isNotModified({ 'if-modified-since': date(AT_MS - 1_000) }, TAG, AT_MS));
  t.false(isNotModified({ 'if-modified-since': 'yesterday' }, TAG, AT_MS));
  t.false(isNotModified({ 'if-modified-since': date(AT_MS) }, TAG, undefined), 'the date is not told yet');
});

test('If-None-Match decides where both are given', (t) => {
  t.false(isNotModified({ 'if-none-match': '"other"', 'if-modified-since': date(AT_MS) }, TAG, AT_MS));
});

test('a write expects the version of its If-Match, or with If-None-Match: * that there is none', (t) => {
  t.is(expectationOf({ 'if-match': TAG }), VERSION);
  t.is(expectationOf({ 'if-none-match': '*' }), 'absent');
  t.is(expectationOf({}), undefined);
});

test('a condition that cannot be kept is refused, never passed over', (t) => {
  for (const headers of [
    { 'if-match': '*' },
    { 'if-match': `W/${TAG}` },
    { 'if-match': `${TAG}, "other"` },
    { 'if-match': '"not a version"' },
    { 'if-none-match': TAG },
    { 'if-match': TAG, 'if-none-match': '*' },
  ])
    t.is(t.throws(() => expectationOf(headers), { instanceOf: FulcrumError }).code, 'INVALID_ARGUMENT');
});
