import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { Throttle, type TakeOptions, type ThrottleOptions } from '../../../src/client/resilience/throttle.js';
import { FulcrumError } from '../../../src/core/errors.js';
import { FakeClock } from '../fake-clock.js';

interface Ended {
  readonly name: string;
  readonly atMs: number;
  readonly error?: unknown;
}

interface Tried {
  readonly clock: FakeClock;
  readonly throttle: Throttle;
  /** In the order in which they ended; times from the start. */
  readonly ended: Ended[];
  readonly take: (name: string, options?: TakeOptions) => void;
}

function tried(options: ThrottleOptions): Tried {
  const clock = new FakeClock();
  const throttle = new Throttle(options, clock);
  const ended: Ended[] = [];
  const startedMs = clock.nowMs;
  const take = (name: string, asked: TakeOptions = {}): void => {
    throttle.take(asked).then(
      () => ended.push({ name, atMs: clock.nowMs - startedMs }),
      (error: unknown) => ended.push({ name, atMs: clock.nowMs - startedMs, error }),
    );
  };
  return { clock, throttle, ended, take };
}

function isThrottled(t: ExecutionContext, end: Ended | undefined, retryAfterMs: number): void {
  const error = end?.error;
  if (!(error instanceof FulcrumError)) throw new Error(`${end?.name ?? 'nobody'} was not refused`);
  t.is(error.code, 'THROTTLED');
  t.true(error.definite && error.retryable);
  t.true(Math.abs(error.retryAfterMs! - retryAfterMs) < 1e-6, `${error.retryAfterMs}`);
}

const names = (ended: readonly Ended[]): string => ended.map(({ name }) => name).join(' ');

test('what the burst allows is given at once, the rest in order as time passes', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 2 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) take(name);
  await clock.turn();
  t.is(names(ended), 'a b');
  t.is(throttle.waiting, 3);
  await clock.pass(1_000);
  t.deepEqual(
    ended.map(({ name, atMs }) => [name, Math.round(atMs)]),
    [
      ['a', 0],
      ['b', 0],
      ['c', 100],
      ['d', 200],
      ['e', 300],
    ],
  );
  t.is(throttle.waiting, 0);
  t.is(clock.timers, 0);
});

test('a large cost is not starved by small ones that come later', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 5 });
  take('all', { cost: 5 });
  take('large', { cost: 5 });
  take('small');
  for (let ms = 0; ms < 2_000; ms += 50) {
    t.false(throttle.tryTake(1) && throttle.waiting > 0, 'nobody goes ahead of those who wait');
    await clock.pass(50);
    if (ended.length === 3) break;
  }
  t.is(names(ended), 'all large small');
  t.deepEqual(
    ended.map(({ atMs }) => Math.round(atMs)),
    [0, 500, 600],
  );
});

test('who cannot be served in time is refused at once, and told when to come back', async (t) => {
  const { clock, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  take('first');
  take('patient', { timeoutMs: 100 });
  take('hasty', { timeoutMs: 199 });
  take('exact', { timeoutMs: 200 });
  await clock.turn();
  t.is(names(ended), 'first hasty');
  isThrottled(t, ended[1], 200);
  await clock.pass(1_000);
  t.is(names(ended), 'first hasty patient exact');
  t.deepEqual(
    ended.slice(2).map(({ atMs, error }) => [Math.round(atMs), error]),
    [
      [100, undefined],
      [200, undefined],
    ],
    'tokens that come at the very deadline are in time',
  );
});

test('those who have left the queue do not count for those who come', async (t) => {
  const { clock, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  for (const name of ['a', 'b', 'c', 'd']) take(name);
  await clock.pass(150);
  take('e', { timeoutMs: 260 });
  take('f', { timeoutMs: 340 });
  await clock.pass(1_000);
  t.deepEqual(
    ended.map(({ name, error }) => (error === undefined ? name : `not ${name}`)),
    ['a', 'b', 'not f', 'c', 'd', 'e'],
  );
});

test('a deadline of nothing waits for nothing', async (t) => {
  const { clock, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  take('lucky', { timeoutMs: 0 });
  take('late', { timeoutMs: 0 });
  await clock.turn();
  t.deepEqual(ended[0], { name: 'lucky', atMs: 0 });
  isThrottled(t, ended[1], 100);
});

test('one who waits is refused at the deadline where the process was too busy to serve in time', async (t) => {
  const { clock, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  for (const name of ['a', 'b', 'c', 'd']) take(name, { timeoutMs: 300 });
  await clock.turn();
  // Awake again at 250, with only the burst to give.
  clock.nowMs += 250;
  await clock.pass(0);
  t.is(names(ended), 'a b');
  await clock.pass(1_000);
  const refused = ended.filter(({ error }) => error !== undefined);
  t.deepEqual(
    refused.map(({ name, atMs }) => [name, atMs]),
    [
      ['c', 300],
      ['d', 300],
    ],
  );
});

test('a wait that was slept through is refused, not served late', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  for (const name of ['a', 'b']) take(name, { timeoutMs: 150 });
  await clock.turn();
  clock.nowMs += 60_000;
  await clock.pass(0);
  t.is(ended[1]?.name, 'b');
  isThrottled(t, ended[1], 0);
  t.true(throttle.tryTake(), 'nothing was taken for it');
});

test('who aborts leaves the queue, and those behind move up', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 4 });
  const reason = new Error('not wanted any more');
  const controller = new AbortController();
  take('all', { cost: 4 });
  take('large', { cost: 4, signal: controller.signal });
  take('small', { cost: 1 });
  await clock.pass(150);
  t.is(names(ended), 'all');
  controller.abort(reason);
  await clock.turn();
  t.is(names(ended), 'all large small');
  t.is(ended[1]?.error, reason);
  t.is(throttle.waiting, 0);
  t.is(clock.timers, 0);
});

test('an abort after the tokens were given, or before they were asked for, is what it says', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  const controller = new AbortController();
  take('first', { signal: controller.signal });
  take('second', { signal: controller.signal });
  await clock.pass(100);
  controller.abort();
  take('third', { signal: controller.signal });
  await clock.pass(1_000);
  t.is(names(ended), 'first second third');
  t.is(ended[1]?.error, undefined);
  t.is((ended[2]?.error as Error).name, 'AbortError');
  t.true(throttle.tryTake(), 'the third took nothing');
});

test('one too many is refused at once', async (t) => {
  const { clock, ended, take } = tried({ ratePerSecond: 10, burst: 1, maxWaiting: 1 });
  for (const name of ['a', 'b', 'c']) take(name);
  await clock.turn();
  t.is(names(ended), 'a c');
  isThrottled(t, ended[1], 200);
});

test('stop rejects everyone who waits and leaves no timer', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 1 });
  for (const name of ['a', 'b', 'c']) take(name);
  await clock.turn();
  const reason = new Error('closed');
  throttle.stop(reason);
  await clock.turn();
  t.deepEqual(
    ended.map(({ error }) => error),
    [undefined, reason, reason],
  );
  t.is(clock.timers, 0);
});

test('costs and timeouts that make no sense are refused, whoever waits', async (t) => {
  const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 2 });
  for (let time = 0; time < 3; time += 1) take('x', { cost: 2 });
  const refused: TakeOptions[] = [{ cost: 3 }, { cost: -1 }, { timeoutMs: -1 }, { timeoutMs: Infinity }];
  for (const [index, options] of refused.entries()) take(`${index}`, options);
  await clock.turn();
  const codes = ended.filter(({ error }) => error instanceof FulcrumError).map(({ error }) => error as FulcrumError);
  t.deepEqual(
    codes.map(({ code }) => code),
    refused.map(() => 'INVALID_ARGUMENT'),
  );
  t.throws(() => throttle.tryTake(3), { message: /cost must be a number at least 0 and at most 2, not 3/ });
});

test('the rate is kept within 1 % over 10 s while many wait', async (t) => {
  const { clock, ended, take } = tried({ ratePerSecond: 100, burst: 10 });
  for (let index = 0; index < 1_200; index += 1) take(`${index}`, { timeoutMs: 60_000 });
  await clock.turn();
  const burst = ended.length;
  await clock.pass(10_000);
  t.is(burst, 10);
  t.true(Math.abs(ended.length - burst - 1_000) <= 10, `${ended.length}`);
});

const anyAsk = fc.record({
  cost: fc.constantFrom(0.5, 1, 1, 2, 5),
  timeoutMs: fc.constantFrom(0, 50, 400, 5_000),
  afterMs: fc.constantFrom(0, 0, 10, 130, 600),
  abortAfterMs: fc.option(fc.constantFrom(0, 20, 200), { nil: undefined }),
});

test('everyone is served in order, in time and within the rate, or refused', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAsk, { minLength: 1, maxLength: 25 }), async (asks) => {
      const { clock, throttle, ended, take } = tried({ ratePerSecond: 10, burst: 5 });
      const askedAtMs: number[] = [];
      let nowMs = 0;
      for (const [index, { cost, timeoutMs, afterMs, abortAfterMs }] of asks.entries()) {
        await clock.pass(afterMs);
        nowMs += afterMs;
        askedAtMs.push(nowMs);
        const controller = new AbortController();
        if (abortAfterMs !== undefined) clock.setTimer(abortAfterMs, () => controller.abort());
        take(`${index}`, { cost, timeoutMs, signal: controller.signal });
      }
      await clock.pass(60_000);
      t.is(ended.length, asks.length);
      t.is(throttle.waiting, 0);
      const served = ended.filter(({ error }) => error === undefined);
      const order = served.map(({ name }) => Number(name));
      t.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
      let sum = 0;
      for (const { name, atMs } of served) {
        const { cost, timeoutMs } = asks[Number(name)]!;
        sum += cost;
        t.true(atMs <= askedAtMs[Number(name)]! + timeoutMs + 1e-6);
        t.true(sum <= 5 + atMs / 100 + 1e-6, 'never more than the burst and the rate');
      }
    }),
    { numRuns: 60 },
  );
});
