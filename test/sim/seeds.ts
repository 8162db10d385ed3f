/** A fixed stretch of seeds, for the tests: the report of the first one that breaks an invariant. */
import { drawPlan, type SchedulerKind } from './draw-plan.js';
import { reportFailure } from './report.js';
import { runPlan } from './run-plan.js';

export interface SeedsRun {
  readonly operations: number;
  /** Seed, invariant, transcript and how to replay it; undefined: all held. */
  readonly failure: string | undefined;
}

export function runSeeds(first: number, count: number, scheduler: SchedulerKind): SeedsRun {
  let operations = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const plan = drawPlan(seed, scheduler);
    const result = runPlan(plan);
    operations += result.operations;
    if (result.violation === undefined) continue;
    const lines: string[] = [];
    reportFailure(plan, result.violation, scheduler, (line) => lines.push(line));
    return { operations, failure: lines.join('\n') };
  }
  return { operations, failure: undefined };
}
