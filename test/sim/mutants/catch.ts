/**
 * In a patched copy: how the planted bug is caught, as one line of JSON. `node catch.js SEEDS SECONDS`; `SEEDS` 0
 * for the directed scenarios alone.
 */
import { drawPlan } from '../draw-plan.js';
import { clockSetBack, twoProcessesOfOneNode } from '../identities.js';
import { runPlan } from '../run-plan.js';
import { expectedOf, runScenario } from '../scenario.js';
import { SCENARIOS } from '../scenarios.js';

export interface Caught {
  /** Directed scenarios that failed. */
  readonly directed: readonly string[];
  /** The first seed that failed, and how many were run; undefined: none did. */
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly seconds: number;
  readonly invariant: string | undefined;
}

const [seedsMax = 0, secondsMax = 0] = process.argv.slice(2).map(Number);
process.stdout.write(JSON.stringify(caught()));

function caught(): Caught {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1_000;
  const directed = SCENARIOS.filter(({ text }) => fails(text)).map(({ name }) => name);
  if (twoProcessesOfOneNode() !== undefined || clockSetBack() !== undefined) directed.push('D10');
  let seeds = 0;
  for (; seeds < seedsMax && seconds() < secondsMax;) {
    seeds += 1;
    const { violation } = runPlan(drawPlan(seeds));
    if (violation !== undefined) {
      return { directed, seed: seeds, seeds, seconds: seconds(), invariant: violation.invariant };
    }
  }
  return { directed, seed: undefined, seeds, seconds: seconds(), invariant: undefined };
}

/** Also where the planted bug makes the code itself give up. */
function fails(text: string): boolean {
  try {
    return runScenario(text) !== expectedOf(text);
  } catch {
    return true;
  }
}
