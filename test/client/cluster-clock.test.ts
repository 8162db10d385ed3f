import test from 'ava';
import { ClusterClock } from '../../src/client/cluster-clock.js';

const CLIENT = { node: 'client', incarnation: '00000000000000cc' };
const T0 = 1_700_000_000_000_000;

test('time is a node’s clock plus what has passed since, wherever our own clock stands', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 100, receivedMs: 100, clock: T0 });
  const { time } = clock.mint(350);
  t.true(time >= T0 + 250_000 && time <= T0 + 250_010, `${time - T0}`);
});

test('an identity is a well-formed ballot of this client, and each is above the one before', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 0, receivedMs: 1, clock: T0 });
  const first = clock.mint(5);
  const second = clock.mint(5);
  const third = clock.mint(2);
  t.like(first, { ...CLIENT, sub: 0 });
  t.true(Number.isSafeInteger(first.time));
  t.true(second.time > first.time && third.time > second.time);
});

test('the sample with the smallest round trip counts', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 0, receivedMs: 2, clock: T0 });
  // Answered at once and 98 ms on the way back: this alone would put the node's clock 49 ms too low.
  clock.learn('n1', { sentMs: 100, receivedMs: 200, clock: T0 + 101_000 });
  const { time } = clock.mint(300);
  t.true(Math.abs(time - (T0 + 299_000)) <= 10, `${time - T0}`);
});

test('a clock that was set is followed at once', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 0, receivedMs: 1, clock: T0 });
  clock.learn('n1', { sentMs: 10, receivedMs: 60, clock: T0 + 3_600_000_000 });
  t.true(clock.mint(70).time > T0 + 3_600_000_000);
});

test('one fast node of three does not set the time', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 0, receivedMs: 0, clock: T0 });
  clock.learn('n2', { sentMs: 0, receivedMs: 0, clock: T0 + 10_000 });
  clock.learn('n3', { sentMs: 0, receivedMs: 0, clock: T0 + 60_000_000 });
  const { time } = clock.mint(0);
  t.true(time <= T0 + 10_010, `${time - T0}`);
});

test('times seen within the clock bound are followed, and none beyond it', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 0, receivedMs: 0, clock: T0 });
  t.true(clock.follow(T0 + 500_000, 0));
  t.is(clock.mint(0).time, T0 + 500_001);
  t.false(clock.follow(T0 + 500_002, 0));
  t.is(clock.mint(0).time, T0 + 500_002);
  t.true(clock.follow(T0 + 1, 0), 'what is below is followed already');
});

test('what cannot be a clock or a version’s time changes nothing', (t) => {
  const clock = new ClusterClock(CLIENT);
  clock.learn('n1', { sentMs: 0, receivedMs: 0, clock: T0 });
  for (const wrong of [NaN, Infinity, -1, 0, 1.5, 9e15]) clock.learn('n1', { sentMs: 1, receivedMs: 1, clock: wrong });
  t.true(clock.follow(NaN, 0));
  t.false(clock.follow(Infinity, 0));
  t.is(clock.mint(0).time, T0 + 1);
});
