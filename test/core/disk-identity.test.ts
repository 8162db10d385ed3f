import test from 'ava';
import { diskProblem } from '../../src/core/disk-identity.js';

const known = { folder: 'f', starts: 3, incarnation: 'a' };

const table = [
  ['the same process', { folder: 'f', starts: 3, incarnation: 'a' }, undefined],
  ['the next process on the same disk', { folder: 'f', starts: 4, incarnation: 'b' }, undefined],
  ['a process that its peers have missed the last starts of', { folder: 'f', starts: 9, incarnation: 'b' }, undefined],
  ['another folder', { folder: 'g', starts: 4, incarnation: 'b' }, /another data folder/],
  ['a copy of an earlier start', { folder: 'f', starts: 2, incarnation: 'b' }, /older copy/],
  ['a copy that was started in the place of the original', { folder: 'f', starts: 3, incarnation: 'b' }, /older copy/],
] as const;

for (const [what, shown, problem] of table) {
  test(`${what} ${problem === undefined ? 'may vote' : 'may not vote'}`, (t) => {
    const found = diskProblem('n1', known, shown);
    if (problem === undefined) t.is(found, undefined);
    else t.regex(found ?? '', problem);
  });
}

test('a node that nobody remembers may vote', (t) => {
  t.is(diskProblem('n1', undefined, known), undefined);
});
