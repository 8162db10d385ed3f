/**
 * `npm run sim -- --seeds 1000000 --seconds 600 [--seed N] [--scheduler timing|micro-step]`
 *
 * Runs seeds until one breaks an invariant, the seeds are done or the time is up. `--seed N --replay` runs one seed,
 * makes it smaller if it fails (not with `--whole`), and prints its transcript. Exit code 1: an invariant was broken.
 */
import { parseArgs } from 'node:util';
import { drawPlan, type SchedulerKind } from './draw-plan.js';
import { reportFailure, replay } from './report.js';
import { runPlan } from './run-plan.js';

const PROGRESS_EVERY_MS = 2_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    scheduler: { type: 'string' },
    replay: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
  },
});
const first = number('seed', values.seed);
const scheduler = schedulerOf(values.scheduler);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

process.exitCode = (values.replay ? replay(drawPlan(first, scheduler), scheduler, values.whole, print) : explore())
  ? 0
  : 1;

function explore(): boolean {
  const started = performance.now();
  const endsAt = started + number('seconds', values.seconds) * 1_000;
  const last = first + number('seeds', values.seeds);
  let operations = 0;
  let steps = 0;
  let nextProgress = started + PROGRESS_EVERY_MS;
  const progress = (seeds: number): string => {
    const seconds = (performance.now() - started) / 1_000;
    return `${seeds} seeds (${(seeds / seconds).toFixed(0)}/s), ${operations} operations checked, ${steps} steps, ${seconds.toFixed(0)} s`;
  };
  let seed = first;
  for (; seed < last && performance.now() < endsAt; seed += 1) {
    const plan = drawPlan(seed, scheduler);
    const result = runPlan(plan);
    operations += result.operations;
    steps += result.steps;
    if (result.violation !== undefined) {
      print(progress(seed - first + 1));
      reportFailure(plan, result.violation, scheduler, print);
      return false;
    }
    if (performance.now() < nextProgress) continue;
    nextProgress += PROGRESS_EVERY_MS;
    print(progress(seed - first + 1));
  }
  print(`${progress(seed - first)}: no invariant was broken`);
  return true;
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a number, not ${text}`);
  return value;
}

function schedulerOf(text: string | undefined): SchedulerKind | undefined {
  if (text === undefined || text === 'timing' || text === 'micro-step') return text;
  throw new Error(`--scheduler is timing or micro-step, not ${text}`);
}
