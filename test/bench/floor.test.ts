import test from 'ava';
import { floorLines, measureFloor, recordBytesAfter } from '../../bench/floor.js';

test('the floor is measured beside the store, and nothing fails or is wrong on either', async (t) => {
  const floor = await measureFloor({ keys: 50, seconds: 0.2, seed: 1 });
  t.true(floor.echoOpsPerSecond > 0);
  t.deepEqual(
    floor.rows.map(({ workload }) => workload),
    ['put-quorum', 'get-quorum'],
  );
  for (const { store, floor: bare } of floor.rows) {
    for (const measured of [store, bare]) {
      t.true(measured.operations > 0);
      t.deepEqual(measured.errors, {});
      t.is(measured.cpu.length, 4);
    }
  }
  t.regex(floorLines(floor).join('\n'), /put-quorum, 256 under way \(mark: 0\.12 .*\n {2}store .*\n {2}floor /);
});

test('the floor writes what a node writes: a record grows with its operation window until that is full', (t) => {
  const sizes = [1, 2, 32, 33].map((puts) => recordBytesAfter(puts, 100));
  t.true(sizes[0]! > 100);
  t.true(sizes[1]! > sizes[0]!);
  t.is(sizes[3], sizes[2]);
});
