import test from 'ava';
import { WATCH_MISSES_MAX } from '../../src/core/defaults.js';
import { WatcherPace } from '../../src/core/watcher-pace.js';

test('a watcher that has taken everything is sent more, one that has not is left out, and dropped in the end', (t) => {
  const pace = new WatcherPace();
  t.is(pace.next(true), 'send');
  for (let miss = 1; miss < WATCH_MISSES_MAX; miss += 1) t.is(pace.next(false), 'skip');
  t.is(pace.next(false), 'drop');
});

test('a watcher that catches up in time is a good one again', (t) => {
  const pace = new WatcherPace();
  for (let miss = 1; miss < WATCH_MISSES_MAX; miss += 1) pace.next(false);
  t.is(pace.next(true), 'send');
  t.is(pace.next(false), 'skip');
});
