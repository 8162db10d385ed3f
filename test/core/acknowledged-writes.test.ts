import test from 'ava';
import { ACKNOWLEDGED_KEPT, AcknowledgedWrites } from '../../src/core/acknowledged-writes.js';
import { versionOf } from '../../src/core/version.js';
import { ballotAt } from './operations.js';

const version = (time: number) => versionOf(ballotAt(time), 0);

test('the last writes of a key are known, and when they were acknowledged', (t) => {
  const writes = new AcknowledgedWrites();
  writes.add('k', version(1), 10);
  writes.add('other', version(5), 50);
  writes.add('k', version(2), 20);
  t.deepEqual(writes.of('k'), [
    { version: version(1), at: 10 },
    { version: version(2), at: 20 },
  ]);
  t.deepEqual(writes.of('never'), []);
});

test('of many writes of one key the oldest are forgotten', (t) => {
  const writes = new AcknowledgedWrites();
  for (let time = 1; time <= ACKNOWLEDGED_KEPT + 3; time += 1) writes.add('k', version(time), time);
  const times = writes.of('k').map(({ at }) => at);
  t.deepEqual(
    [...times].sort((a, b) => a - b),
    Array.from({ length: ACKNOWLEDGED_KEPT }, (_, index) => index + 4),
  );
});

test('of many keys those written last are known, and none is taken for another', (t) => {
  const writes = new AcknowledgedWrites();
  for (let index = 0; index < 100_000; index += 1) writes.add(`key-${index}`, version(index + 1), index);
  let known = 0;
  for (let index = 0; index < 100_000; index += 1) {
    for (const { at } of writes.of(`key-${index}`)) {
      known += 1;
      t.is(at, index);
    }
  }
  t.true(known > 10_000 && known <= 2 ** 14, `${known}`);
});
