import test from 'ava';
import { Deadlines, TICK_MS, Waiting } from '../../src/client/deadlines.js';
import { FakeClock } from './fake-clock.js';

class Entry extends Waiting {
  constructor(readonly name: string) {
    super();
  }
}

function wheel(): { clock: FakeClock; deadlines: Deadlines<Entry>; expired: [string, number][] } {
  const clock = new FakeClock();
  const expired: [string, number][] = [];
  const startedMs = clock.nowMs;
  const deadlines = new Deadlines<Entry>(clock, ({ name }) => expired.push([name, clock.nowMs - startedMs]));
  return { clock, deadlines, expired };
}

test('an entry expires once its time has come, at most a tick or two late', async (t) => {
  const { clock, deadlines, expired } = wheel();
  const due = [1, 9, 10, 11, 250, 1_234, 10_239, 10_240, 10_241, 31_000];
  for (const ms of due) deadlines.hang(new Entry(`${ms}`), clock.nowMs + ms);
  await clock.pass(40_000);
  t.deepEqual(
    expired.map(([name]) => Number(name)),
    due,
  );
  for (const [name, ms] of expired) t.true(ms >= Number(name) && ms <= Number(name) + 2 * TICK_MS, `${name}: ${ms}`);
});

test('an entry that was taken off does not expire, and its neighbours do', async (t) => {
  const { clock, deadlines, expired } = wheel();
  const entries = ['a', 'b', 'c'].map((name) => new Entry(name));
  for (const entry of entries) deadlines.hang(entry, clock.nowMs + 100);
  deadlines.takeOff(entries[1]!);
  deadlines.takeOff(entries[1]!);
  await clock.pass(200);
  t.deepEqual(
    expired.map(([name]) => name),
    ['a', 'c'],
  );
});

test('an entry that is hung up again expires at its new time only', async (t) => {
  const { clock, deadlines, expired } = wheel();
  const entry = new Entry('a');
  deadlines.hang(entry, clock.nowMs + 100);
  deadlines.hang(entry, clock.nowMs + 500);
  await clock.pass(400);
  t.deepEqual(expired, []);
  await clock.pass(200);
  t.is(expired.length, 1);
});

test('expired entries are reported, too, after the process slept for longer than a round of the wheel', async (t) => {
  const { clock, deadlines, expired } = wheel();
  for (const ms of [50, 5_000, 15_000]) deadlines.hang(new Entry(`${ms}`), clock.nowMs + ms);
  clock.nowMs += 60_000;
  await clock.pass(20);
  t.deepEqual(
    expired.map(([name]) => Number(name)).sort((a, b) => a - b),
    [50, 5_000, 15_000],
  );
});

test('no timer is left once nothing waits, and stop ends the one there is', async (t) => {
  const { clock, deadlines } = wheel();
  deadlines.hang(new Entry('a'), clock.nowMs + 20);
  t.is(clock.timers, 1);
  await clock.pass(50);
  t.is(clock.timers, 0);
  deadlines.hang(new Entry('b'), clock.nowMs + 20);
  deadlines.stop();
  t.is(clock.timers, 0);
});
