import test from 'ava';
import { systemClock } from '../../src/adapters/system-clock.js';
import { systemRandom } from '../../src/adapters/system-random.js';
import { isIncarnation } from '../../src/core/ballot.js';

test('the physical clock stays within the millisecond that Date.now() tells', (t) => {
  for (let i = 0; i < 10_000; i += 1) {
    const before = Date.now() * 1_000;
    const micros = systemClock.physicalMicros();
    const after = Date.now() * 1_000 + 999;
    if (!Number.isSafeInteger(micros) || micros < before || micros > after) t.fail(`${micros - before} µs`);
  }
  t.pass();
});

test('the physical clock follows Date.now() when that jumps', (t) => {
  const real = Date.now;
  t.teardown(() => (Date.now = real));
  for (const jumpMs of [3_600_000, -3_600_000]) {
    Date.now = () => real() + jumpMs;
    const before = Date.now() * 1_000;
    const micros = systemClock.physicalMicros();
    t.true(micros >= before && micros <= Date.now() * 1_000 + 999);
  }
});

test('a cancelled timer does not run', async (t) => {
  let isLate = false;
  systemClock.setTimer(1, () => (isLate = true)).cancel();
  await new Promise<void>((resolve) => void systemClock.setTimer(20, resolve));
  t.false(isLate);
});

test('incarnations are well formed and differ', (t) => {
  const drawn = Array.from({ length: 100 }, () => systemRandom.hex64());
  t.true(drawn.every(isIncarnation));
  t.is(new Set(drawn).size, 100);
});
