import test from 'ava';
import { SlowLane, type LaneCall } from '../../src/node/slow-lane.js';

class Call implements LaneCall {
  hasEnded = false;
  absorbed: LaneCall[] = [];

  constructor(
    private readonly name: string,
    private readonly log: string[],
    private readonly absorbs = false,
  ) {}

  enter(): void {
    this.log.push(this.name);
  }

  absorb(other: LaneCall): boolean {
    if (this.absorbs) this.absorbed.push(other);
    return this.absorbs;
  }
}

test('one call of a key is in the lane at a time, the others follow in order', (t) => {
  const log: string[] = [];
  const lane = new SlowLane();
  for (const name of ['a', 'b', 'c']) lane.join('k', new Call(name, log));
  t.deepEqual(log, ['a']);
  lane.leave('k');
  t.deepEqual(log, ['a', 'b']);
  lane.leave('k');
  t.deepEqual(log, ['a', 'b', 'c']);
  t.true(lane.isBusy('k'));
  lane.leave('k');
  t.false(lane.isBusy('k'));
});

test('keys do not wait for each other', (t) => {
  const log: string[] = [];
  const lane = new SlowLane();
  lane.join('k', new Call('a', log));
  lane.join('l', new Call('b', log));
  t.deepEqual(log, ['a', 'b']);
});

test('a call is absorbed by the last one that waits, never by the one in the lane', (t) => {
  const log: string[] = [];
  const lane = new SlowLane();
  const [inside, waiting, joining] = [new Call('a', log, true), new Call('b', log, true), new Call('c', log)];
  for (const call of [inside, waiting, joining]) lane.join('k', call);
  t.deepEqual(inside.absorbed, []);
  t.deepEqual(waiting.absorbed, [joining]);
  lane.leave('k');
  lane.leave('k');
  t.deepEqual(log, ['a', 'b']);
});

test('calls that have ended are passed over, and absorb nothing', (t) => {
  const log: string[] = [];
  const lane = new SlowLane();
  const [a, b, c] = [new Call('a', log), new Call('b', log, true), new Call('c', log)];
  lane.join('k', a);
  lane.join('k', b);
  b.hasEnded = true;
  lane.join('k', c);
  t.deepEqual(b.absorbed, []);
  lane.leave('k');
  t.deepEqual(log, ['a', 'c']);
});

test('any number of waiting calls may have ended', (t) => {
  const log: string[] = [];
  const lane = new SlowLane();
  lane.join('k', new Call('a', log));
  const waiting = Array.from({ length: 20_000 }, (_, index) => new Call(`w${index}`, log));
  for (const call of waiting) lane.join('k', call);
  for (const call of waiting) call.hasEnded = true;
  lane.leave('k');
  t.deepEqual(log, ['a']);
  t.false(lane.isBusy('k'));
});
