import test from 'ava';
import { AwakeClock } from '../../src/core/awake-clock.js';

test('while it ticks in time, it runs like the clock', (t) => {
  const clock = new AwakeClock(400);
  for (let ms = 0; ms <= 2_000; ms += 100) clock.tick(5_000 + ms);
  t.is(clock.at(7_050), 2_050);
});

test('what a stopped process slept through does not count, before its first tick as after it', (t) => {
  const clock = new AwakeClock(400);
  clock.tick(1_000);
  clock.tick(1_100);
  t.is(clock.at(61_100), 500);
  clock.tick(61_100);
  t.is(clock.at(61_150), 550);
});

test('it never runs backwards, also where the clock does', (t) => {
  const clock = new AwakeClock(400);
  clock.tick(1_000);
  clock.tick(1_200);
  clock.tick(900);
  t.is(clock.at(900), 200);
  t.is(clock.at(1_000), 300);
});
