import test from 'ava';
import { isLevel, majority, requiredReplicas } from '../../src/core/level.js';

const table = [
  { replicas: 1, majority: 1 },
  { replicas: 2, majority: 2 },
  { replicas: 3, majority: 2 },
  { replicas: 4, majority: 3 },
  { replicas: 5, majority: 3 },
  { replicas: 6, majority: 4 },
  { replicas: 7, majority: 4 },
  { replicas: 9, majority: 5 },
];

for (const { replicas, majority: expected } of table) {
  test(`of ${replicas} home replicas ${expected} are a majority`, (t) => {
    t.is(majority(replicas), expected);
    t.is(requiredReplicas('ONE', replicas), 1);
    t.is(requiredReplicas('QUORUM', replicas), expected);
    t.is(requiredReplicas('ALL', replicas), replicas);
  });
}

test('any two majorities share a replica', (t) => {
  for (let replicas = 1; replicas <= 9; replicas += 1) t.true(2 * majority(replicas) > replicas);
});

test('only the three levels are levels', (t) => {
  for (const level of ['ONE', 'QUORUM', 'ALL']) t.true(isLevel(level));
  for (const other of ['one', 'TWO', '', null, undefined, 1, ['ONE']]) t.false(isLevel(other));
});
