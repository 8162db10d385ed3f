import test from 'ava';
import { drawPlan } from './draw-plan.js';
import { runPlan } from './run-plan.js';
import { shrink } from './shrink.js';
import { Violation } from './violation.js';

test('a plan that does not break the invariant is left as it is', (t) => {
  const plan = drawPlan(5);
  const shrunk = shrink(plan, new Violation('made up', 'never'), 12);
  t.is(shrunk.plan, plan);
  t.true(shrunk.runs >= 12);
});

test('what was made smaller breaks the same invariant', (t) => {
  // Every disk is so slow, and every deadline so short, that a healed cluster cannot answer either.
  const plan = { ...drawPlan(7, 'timing'), disk: { writeMs: 2, readMs: 1e7 }, cacheBytesMax: 0 };
  const { violation } = runPlan(plan);
  t.truthy(violation);
  const shrunk = shrink(plan, violation!, 60);
  t.is(shrunk.violation.invariant, violation!.invariant);
  t.true(shrunk.plan.clients.length <= plan.clients.length);
  t.is(runPlan(shrunk.plan).violation?.invariant, violation!.invariant);
});
