import test from 'ava';
import { ClosedLoop, WRONG_ANSWER, type Operations } from '../../bench/closed-loop.js';
import { waitUntil } from '../../cluster/wait.js';
import { FulcrumError } from '../../src/core/errors.js';

const WAIT_MS = 30_000;

/** Answers each operation in a later turn, as `answer` says; counts how many are under way. */
function operations(answer: (index: number) => unknown): Operations & { started: number; most: number } {
  let underWay = 0;
  const counted = {
    started: 0,
    most: 0,
    start: async (): Promise<unknown> => {
      const index = counted.started;
      counted.started += 1;
      underWay += 1;
      counted.most = Math.max(counted.most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return answer(index);
    },
    isRight: (result: unknown) => result === 'right',
  };
  return counted;
}

test('as many operations are under way as were asked for, and all of them end', async (t) => {
  const counted = operations(() => 'right');
  const loop = new ClosedLoop(counted, 5);
  t.true(await waitUntil(() => counted.started > 100, WAIT_MS));
  await loop.stop();
  t.is(counted.most, 5);
  t.is(loop.takeTally().latency.count, counted.started);
});

test('failures and wrong answers are counted by code and not as operations', async (t) => {
  const failure = new FulcrumError({ code: 'OVERLOADED', message: 'no', definite: true, retryable: true });
  const counted = operations((index) => {
    if (index === 1) throw failure;
    return index === 2 ? 'wrong' : 'right';
  });
  const loop = new ClosedLoop(counted, 2);
  t.true(await waitUntil(() => counted.started > 10, WAIT_MS));
  await loop.stop();
  const { latency, errors } = loop.takeTally();
  t.deepEqual(Object.fromEntries(errors), { OVERLOADED: 1, [WRONG_ANSWER]: 1 });
  t.is(latency.count, counted.started - 2);
});

test('each tally begins where the one before was taken', async (t) => {
  const counted = operations(() => 'right');
  const loop = new ClosedLoop(counted, 1);
  t.true(await waitUntil(() => counted.started > 10, WAIT_MS));
  const first = loop.takeTally().latency.count;
  await loop.stop();
  t.is(first + loop.takeTally().latency.count, counted.started);
});
