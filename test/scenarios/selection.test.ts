/** The 60 seconds of real faults on real processes that every test run includes; `npm run chaos:soak` runs all of them. */
import test from 'ava';
import { runScenario } from '../../chaos/run/run-scenario.js';
import { stretched } from '../../chaos/scenario/scenario.js';
import { findScenario } from '../../chaos/scenario/shipped.js';
import type { Policy } from '../../src/core/policy.js';

/** Shorter than a minute each, as slow machines need longer for everything around. */
const SELECTION: readonly { readonly name: string; readonly policy: Policy; readonly seconds: number }[] = [
  { name: 'split-brain', policy: 'PC/EC', seconds: 14 },
  { name: 'split-brain', policy: 'PA/EL', seconds: 14 },
  { name: 'clock-ahead', policy: 'PC/EC', seconds: 10 },
  { name: 'power-cut', policy: 'PC/EC', seconds: 10 },
];

for (const { name, policy, seconds } of SELECTION) {
  test.serial(`${name} under ${policy}: every promise holds`, async (t) => {
    t.timeout(300_000);
    const scenario = stretched(await findScenario(name), seconds);
    const { result, spans, history } = await runScenario(scenario, { policy, seed: 7, pauseMs: 20 });
    const broken = result.verdicts.flatMap(({ checker, violations }) =>
      violations.slice(0, 2).map(({ key, explanation }) => `${checker}: ${key}: ${explanation}`),
    );
    t.deepEqual(broken, []);
    t.is(result.verdict, 'valid');
    t.true(result.outcomes.ok > 20, `${result.outcomes.ok} of ${history.length} events`);
    t.true(
      spans.some(({ confirmedMs }) => confirmedMs !== undefined),
      'at least one fault must have been seen to take effect',
    );
  });
}
