import test from 'ava';
import fc from 'fast-check';
import { IdTable } from '../../src/core/id-table.js';

test('what is added is found until it is deleted', (t) => {
  const table = new IdTable<string>();
  table.add(7, 'seven');
  t.is(table.get(7), 'seven');
  t.is(table.size, 1);
  table.delete(7);
  t.is(table.get(7), undefined);
  t.is(table.size, 0);
});

test('a number that shares its slot with another is not taken for it', (t) => {
  const table = new IdTable<string>();
  table.add(1, 'one');
  t.is(table.get(257), undefined);
  table.delete(257);
  t.is(table.get(1), 'one');
  table.add(257, 'later');
  t.is(table.get(1), 'one');
  t.is(table.get(257), 'later');
});

test('everything is listed in the order of the numbers, and cleared at once', (t) => {
  const table = new IdTable<string>();
  for (const id of [300, 2, 44]) table.add(id, String(id));
  t.deepEqual(table.entries(), [
    [2, '2'],
    [44, '44'],
    [300, '300'],
  ]);
  table.clear();
  t.is(table.size, 0);
  t.deepEqual(table.entries(), []);
});

/** Numbers as they are given out: each one more than the last; each is forgotten after a while, in any order. */
const lives = fc.array(fc.nat({ max: 2_000 }), { minLength: 1, maxLength: 3_000 });

test('it holds what a Map would hold, however long some of it lives', (t) => {
  fc.assert(
    fc.property(lives, (livesOf) => {
      const table = new IdTable<number>();
      const map = new Map<number, number>();
      const ends = new Map<number, number[]>();
      for (const [id, life] of livesOf.entries()) {
        table.add(id, life);
        map.set(id, life);
        ends.set(id + life, [...(ends.get(id + life) ?? []), id]);
        for (const ended of ends.get(id) ?? []) {
          table.delete(ended);
          map.delete(ended);
        }
      }
      t.is(table.size, map.size);
      t.deepEqual(table.entries(), [...map.entries()]);
    }),
    { numRuns: 50 },
  );
});
