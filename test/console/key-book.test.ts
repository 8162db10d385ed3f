import test from 'ava';
import { KeyBook } from '../../src/console/key-book.js';

test('a read that shows the newest acknowledged write is fresh', (t) => {
  const book = new KeyBook();
  const number = book.beginWrite('k')!;
  book.endWrite('k', number, true, 100);
  t.is(book.lagOf('k', number, book.newest('k'), 150), undefined);
});

test('a stale read is behind by the acknowledged writes that it missed, since the first of them', (t) => {
  const book = new KeyBook();
  for (const atMs of [100, 200, 300]) book.endWrite('k', book.beginWrite('k')!, true, atMs);
  t.deepEqual(book.lagOf('k', 1, book.newest('k'), 350), { versions: 2, ms: 150 });
  t.deepEqual(book.lagOf('k', 0, book.newest('k'), 350), { versions: 3, ms: 250 });
});

test('what was acknowledged after the read began is not held against it', (t) => {
  const book = new KeyBook();
  book.endWrite('k', book.beginWrite('k')!, true, 100);
  const newest = book.newest('k');
  book.endWrite('k', book.beginWrite('k')!, true, 200);
  t.is(book.lagOf('k', 1, newest, 150), undefined);
});

test('a write that failed or whose outcome is unknown need not be shown', (t) => {
  const book = new KeyBook();
  book.endWrite('k', book.beginWrite('k')!, true, 100);
  book.endWrite('k', book.beginWrite('k')!, false, 200);
  t.is(book.newest('k'), 1);
  t.is(book.lagOf('k', 2, 1, 300), undefined, 'but it may be');
});

test('a key has one write under way at most', (t) => {
  const book = new KeyBook();
  const number = book.beginWrite('k')!;
  t.is(book.beginWrite('k'), undefined);
  t.is(book.beginWrite('other'), 1);
  book.endWrite('k', number, false, 1);
  t.is(book.beginWrite('k'), 2);
});
