import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { emptyRecord } from '../../src/core/register.js';
import { State } from '../../src/core/state.js';
import { RegisterCache, type Entry } from '../../src/node/register-cache.js';
import { ballotAt, stateWith } from '../core/operations.js';

const VALUE_BYTES = 1_000;
/** Room for about four entries of this size in each generation. */
const CACHE_BYTES = 8 * (VALUE_BYTES + 250);

function entry(valueBytes = VALUE_BYTES, commit = 0): Entry {
  const state = stateWith(State.absent(0), { value: new Uint8Array(valueBytes) });
  const record = { promised: ballotAt(1), accepted: ballotAt(1), state, maxOpTime: 0 };
  return { record, commit, bytes: 0 };
}

function fill(cache: RegisterCache, from: number, to: number): void {
  for (let i = from; i < to; i += 1) cache.add(`k${i}`, entry());
}

test('what was added is found, what was not is not', (t) => {
  const cache = new RegisterCache(CACHE_BYTES);
  const added = entry();
  cache.add('k', added);
  t.is(cache.get('k'), added);
  t.is(cache.get('other'), undefined);
});

test('what was not used for two generations leaves', (t) => {
  const cache = new RegisterCache(CACHE_BYTES);
  fill(cache, 0, 20);
  t.is(cache.get('k0'), undefined);
  t.not(cache.get('k19'), undefined);
});

test('what is used stays, however many others pass through', (t) => {
  const cache = new RegisterCache(CACHE_BYTES);
  const hot = entry();
  cache.add('hot', hot);
  for (let i = 0; i < 100; i += 1) {
    fill(cache, i, i + 1);
    t.is(cache.get('hot'), hot);
  }
});

test('what is not durable yet never leaves, and leaves once it is', (t) => {
  const cache = new RegisterCache(CACHE_BYTES);
  const dirty = Array.from({ length: 30 }, (_, index) => ({ key: `dirty${index}`, entry: entry(VALUE_BYTES, 1) }));
  for (const { key, entry: added } of dirty) cache.add(key, added);
  fill(cache, 0, 100);
  for (const { key, entry: added } of dirty) t.is(cache.get(key), added);
  for (const { entry: added } of dirty) added.commit = 0;
  fill(cache, 100, 200);
  for (const { key } of dirty) t.is(cache.get(key), undefined);
});

test('memory stays within what it was given, plus the entry that overflowed it', (t) => {
  const cache = new RegisterCache(CACHE_BYTES);
  for (let i = 0; i < 200; i += 1) {
    cache.add(`k${i}`, entry((i * 37) % VALUE_BYTES));
    t.true(cache.bytes <= CACHE_BYTES + VALUE_BYTES + 300, `${cache.bytes} after ${i}`);
  }
});

test('a record that grows or shrinks is accounted with its new size', (t) => {
  const cache = new RegisterCache(1_000_000);
  const changing = entry(100);
  cache.add('k', changing);
  const before = cache.bytes;
  changing.record = entry(600).record;
  cache.resized('k', changing);
  t.is(cache.bytes, before + 500);
  changing.record = emptyRecord(NO_BALLOT);
  cache.resized('k', changing);
  t.is(cache.bytes, before - 100);
});

test('larger entries count for more', (t) => {
  const sizeOf = (key: string, valueBytes: number): number => {
    const cache = new RegisterCache(1_000_000);
    cache.add(key, entry(valueBytes));
    return cache.bytes;
  };
  t.is(sizeOf('k', 700) - sizeOf('k', 200), 500);
  t.true(sizeOf('a longer key', 200) > sizeOf('k', 200));
  t.true(sizeOf('k', 0) > 0);
});
