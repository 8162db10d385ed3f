import test from 'ava';
import fc from 'fast-check';
import { lossesAfter, PeerLiveness, probationMs } from '../../src/core/peer-liveness.js';

const HEARTBEAT = 100;

/** A peer that has answered every heartbeat since 0, up to and including `untilMs`. */
function steady(untilMs: number, peer = up(0)): PeerLiveness {
  beats(peer, HEARTBEAT, untilMs);
  return peer;
}

function up(nowMs: number): PeerLiveness {
  const peer = new PeerLiveness(nowMs);
  peer.linkUp(nowMs);
  return peer;
}

function beats(peer: PeerLiveness, fromMs: number, toMs: number): void {
  for (let ms = fromMs; ms <= toMs; ms += HEARTBEAT) peer.heartbeat(ms);
}

/** First time at or after `fromMs` at which this holds. */
function firstMs(fromMs: number, holds: (nowMs: number) => boolean): number {
  for (let ms = fromMs; ms < fromMs + 20_000; ms += 1) if (holds(ms)) return ms;
  return Infinity;
}

test('a peer whose link never came up is not reachable, and dead in the end', (t) => {
  const peer = new PeerLiveness(0);
  t.is(peer.verdict(0), 'suspected');
  t.is(peer.verdict(4_999), 'suspected');
  t.is(peer.verdict(5_000), 'dead');
});

test('a first link is trusted at once', (t) => {
  t.is(up(50).verdict(50), 'alive');
});

test('after a silent cut the peer is suspected within a second, and not before five heartbeats are missing', (t) => {
  const peer = steady(5_000);
  const lostAfter = firstMs(5_000, (ms) => !peer.reachable(ms)) - 5_000;
  t.true(lostAfter >= 500 && lostAfter < 1_000, `${lostAfter}`);
  t.is(peer.verdict(5_999), 'suspected');
  t.is(peer.verdict(9_999), 'suspected');
  t.is(peer.verdict(10_000), 'dead');
});

test('a silence right after the link came up is suspected within a second too', (t) => {
  const peer = up(0);
  t.is(peer.verdict(999), 'alive');
  t.is(peer.verdict(1_000), 'suspected');
});

test('whatever the answers were like, a silence of a second is never reachable and a short one never suspected', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 499 }), { maxLength: 60 }), (intervals) => {
      const peer = up(0);
      let now = 0;
      for (const interval of intervals) {
        now += interval;
        t.is(peer.verdict(now), 'alive');
        peer.heartbeat(now);
      }
      t.is(peer.verdict(now + 499), 'alive');
      t.is(peer.verdict(now + 1_000), 'suspected');
    }),
  );
});

test('an unsteady peer is given more time than a steady one', (t) => {
  const unsteady = up(0);
  let now = 0;
  for (let i = 0; i < 40; i += 1) {
    now += i % 2 === 0 ? 50 : 350;
    unsteady.heartbeat(now);
  }
  const lostAfter = firstMs(now, (ms) => !unsteady.reachable(ms)) - now;
  const calm = steady(5_000);
  t.true(lostAfter > firstMs(5_000, (ms) => !calm.reachable(ms)) - 5_000, `${lostAfter}`);
});

test('other answers end a silence as well as a heartbeat, but teach nothing about what is usual', (t) => {
  const peer = steady(5_000);
  for (let ms = 5_000; ms < 6_000; ms += 1) peer.heard(ms);
  t.is(peer.verdict(6_400), 'alive');
});

test('a link that the transport reports as gone is unreachable at once, and dead after a while', (t) => {
  const peer = steady(5_000);
  peer.linkDown();
  t.is(peer.verdict(5_000), 'suspected');
  t.is(peer.verdict(10_000), 'dead');
  t.is(peer.phi(5_000), Infinity);
});

test('a peer that has been dead stays dead when its silent link is dropped', (t) => {
  const peer = steady(1_000);
  t.is(peer.verdict(6_500), 'dead');
  peer.linkDown();
  t.is(peer.verdict(6_500), 'dead');
});

test('after one loss, a peer is used again within a few heartbeats', (t) => {
  const peer = steady(5_000);
  beats(peer, 65_000, 65_400);
  const backAfter = firstMs(65_000, (ms) => peer.reachable(ms)) - 65_000;
  t.true(backAfter > 0 && backAfter <= 300, `${backAfter}`);
});

test('after a link was lost and opened again, it is used within a few heartbeats', (t) => {
  const peer = steady(5_000);
  peer.linkDown();
  peer.linkUp(7_000);
  beats(peer, 7_100, 7_500);
  const backAfter = firstMs(7_000, (ms) => peer.reachable(ms)) - 7_000;
  t.true(backAfter > 0 && backAfter <= 300, `${backAfter}`);
});

test('a loss counts once, whether the peer first falls silent or its link goes first', (t) => {
  const silent = steady(5_000);
  silent.linkDown();
  silent.linkUp(9_000);
  t.is(silent.losses, 1);
  silent.linkDown();
  silent.linkDown();
  t.is(silent.losses, 2);
});

test('a flapping link changes the verdict ever less often, and a healed one is used within two seconds', (t) => {
  const peer = up(0);
  let now = 0;
  let changes = 0;
  let last = peer.verdict(now) === 'alive';
  const look = (): void => {
    const alive = peer.verdict(now) === 'alive';
    if (alive !== last) changes += 1;
    last = alive;
  };
  // 500 ms good, 100 ms gone, for a minute.
  for (let flap = 0; flap < 100; flap += 1) {
    for (let i = 0; i < 5; i += 1) {
      now += HEARTBEAT;
      peer.heartbeat(now);
      look();
    }
    peer.linkDown();
    look();
    now += HEARTBEAT;
    peer.linkUp(now);
    look();
  }
  t.true(changes <= 5, `${changes} changes`);
  beats(peer, now + HEARTBEAT, now + 3_000);
  const backAfter = firstMs(now, (ms) => peer.reachable(ms)) - now;
  t.true(backAfter <= 1_700, `${backAfter}`);
});

test('a gap on probation starts it again', (t) => {
  const peer = steady(5_000);
  for (const at of [7_000, 8_000]) {
    peer.linkDown();
    peer.linkUp(at);
  }
  peer.heartbeat(8_100);
  peer.heartbeat(8_600);
  t.is(peer.verdict(8_900), 'suspected');
  peer.heartbeat(8_900);
  t.is(peer.verdict(9_000), 'alive');
});

const probation = [
  { losses: 0, expected: 0 },
  { losses: 1, expected: 200 },
  { losses: 2, expected: 400 },
  { losses: 3, expected: 800 },
  { losses: 4, expected: 1_500 },
  { losses: 50, expected: 1_500 },
];
for (const { losses, expected } of probation) {
  test(`after ${losses} losses a link must be good for ${expected} ms`, (t) => {
    t.is(probationMs(losses), expected);
  });
}

const forgiven = [
  { losses: 0, goodMs: 0, expected: 1 },
  { losses: 3, goodMs: 9_999, expected: 4 },
  { losses: 3, goodMs: 10_000, expected: 3 },
  { losses: 3, goodMs: 25_000, expected: 2 },
  { losses: 3, goodMs: 3_600_000, expected: 1 },
];
for (const { losses, goodMs, expected } of forgiven) {
  test(`one more loss after ${losses} and ${goodMs} good milliseconds makes ${expected}`, (t) => {
    t.is(lossesAfter(losses, goodMs), expected);
  });
}
