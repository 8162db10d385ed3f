import test from 'ava';
import { fewAtOnce } from '../../src/node/few-at-once.js';

test('no more than a few are under way, each is begun once and in order, and the end is told once', (t) => {
  const begun: number[] = [];
  const open: (() => void)[] = [];
  let ends = 0;
  fewAtOnce(
    [1, 2, 3, 4, 5],
    2,
    (item, done) => {
      begun.push(item);
      open.push(done);
    },
    () => {
      ends += 1;
    },
  );
  t.deepEqual(begun, [1, 2]);
  open.pop()!();
  t.deepEqual(begun, [1, 2, 3]);
  while (open.length > 0) {
    t.true(open.length <= 2);
    t.is(ends, 0);
    open.shift()!();
  }
  t.deepEqual(begun, [1, 2, 3, 4, 5]);
  t.is(ends, 1);
});

test('work that is done at once neither nests nor ends twice, however long the list', (t) => {
  let [begun, ends] = [0, 0];
  fewAtOnce(
    Array.from({ length: 100_000 }),
    3,
    (_, done) => {
      begun += 1;
      done();
    },
    () => {
      ends += 1;
    },
  );
  t.deepEqual([begun, ends], [100_000, 1]);
});

test('nothing to do is done', (t) => {
  let ends = 0;
  fewAtOnce([], 2, t.fail, () => {
    ends += 1;
  });
  t.is(ends, 1);
});
