import test from 'ava';
import { LEVELS, type Level } from '../../src/core/level.js';
import { defaultLevel, isConsensus, isPolicy, servesWithoutMajority, type Policy } from '../../src/core/policy.js';

const table: readonly { policy: Policy; level: Level; serves: boolean; consensus: readonly Level[] }[] = [
  { policy: 'PC/EC', level: 'QUORUM', serves: false, consensus: ['QUORUM', 'ALL'] },
  { policy: 'PC/EL', level: 'ONE', serves: false, consensus: [] },
  { policy: 'PA/EC', level: 'QUORUM', serves: true, consensus: ['QUORUM', 'ALL'] },
  { policy: 'PA/EL', level: 'ONE', serves: true, consensus: [] },
];

for (const { policy, level, serves, consensus } of table) {
  test(`${policy}: ${level} by default, ${serves ? 'serves' : 'refuses'} without a majority`, (t) => {
    t.is(defaultLevel(policy), level);
    t.is(servesWithoutMajority(policy), serves);
    t.deepEqual(
      LEVELS.filter((asked) => isConsensus(policy, asked)),
      consensus,
    );
    t.true(isPolicy(policy));
  });
}

test('nothing else is a policy', (t) => {
  for (const other of ['PC', 'pc/ec', 'PA/EC ', '', null, undefined]) t.false(isPolicy(other));
});
