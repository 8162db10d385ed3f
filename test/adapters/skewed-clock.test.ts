import test from 'ava';
import { SkewedClock } from '../../src/adapters/skewed-clock.js';
import { FakeClock } from '../client/fake-clock.js';

test('a clock is right until it is told to be wrong, and right again afterwards', async (t) => {
  const real = new FakeClock();
  const clock = new SkewedClock(real);
  t.is(clock.physicalMicros(), real.physicalMicros());
  clock.set({ offsetMs: -3_600_000, driftPpm: 0 });
  await real.pass(1_000);
  t.is(clock.physicalMicros() - real.physicalMicros(), -3_600_000_000);
  t.is(clock.errorMs(), -3_600_000);
  clock.set({ offsetMs: 0, driftPpm: 0 });
  t.is(clock.physicalMicros(), real.physicalMicros());
});

test('a clock that drifts gets further and further ahead, in whole microseconds', async (t) => {
  const real = new FakeClock();
  const clock = new SkewedClock(real);
  clock.set({ offsetMs: 5, driftPpm: 100_000 });
  await real.pass(1_000);
  t.is(clock.errorMs(), 105);
  await real.pass(0.5);
  t.true(Number.isInteger(clock.physicalMicros()));
});

test('only wall time is wrong: monotonic time and timers are the real ones', async (t) => {
  const real = new FakeClock();
  const clock = new SkewedClock(real);
  clock.set({ offsetMs: 9_000, driftPpm: 500_000 });
  t.is(clock.monotonicMs(), real.monotonicMs());
  const ran: string[] = [];
  clock.setTimer(10, () => ran.push('timer'));
  clock.setTimer(10, () => ran.push('cancelled')).cancel();
  clock.defer(() => ran.push('deferred'));
  await real.pass(10);
  t.deepEqual(ran, ['deferred', 'timer']);
});
