import test from 'ava';
import { drawScanPlan } from './draw-scan-plan.js';
import { runPlan } from './run-plan.js';

const SEEDS = 60;

for (const scheduler of ['timing', 'micro-step'] as const) {
  test(`scans under writes, deletes, collection and lost nodes show every lasting key once: ${SEEDS} runs, ${scheduler}`, (t) => {
    t.timeout(600_000);
    let completed = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violation, scans } = runPlan(drawScanPlan(seed, scheduler));
      t.is(violation, undefined, `seed ${seed}: ${violation?.message}`);
      completed += scans;
    }
    t.log(`${completed} complete scans`);
    t.true(completed > SEEDS * 5, `${completed}`);
  });
}
