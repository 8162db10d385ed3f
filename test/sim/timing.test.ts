import test from 'ava';
import { drawPlan } from './draw-plan.js';
import { runPlan } from './run-plan.js';
import { runSeeds } from './seeds.js';

const SEEDS = 1_000;
const FIRST = 1;

test(`no invariant is broken in ${SEEDS} runs of the timing scheduler`, (t) => {
  t.timeout(1_200_000);
  const { operations, failure } = runSeeds(FIRST, SEEDS, 'timing');
  t.is(failure, undefined);
  t.true(operations > SEEDS * 20, `${operations} operations`);
});

test('a run of the timing scheduler is the same every time, to the bit', (t) => {
  const [first, second] = [1, 2].map(() => runPlan(drawPlan(FIRST + 17, 'timing'), { trace: true }));
  t.deepEqual(first, second);
  t.true(first!.transcript.length > 50);
});

test('a home replica that took a degraded write itself is not counted as a hinted copy too', (t) => {
  t.is(runPlan(drawPlan(700_589)).violation, undefined);
});
