/** Makes a failing plan as small as it gets while it still breaks the same invariant. */
import type { Plan } from './plan.js';
import { runPlan } from './run-plan.js';
import type { Violation } from './violation.js';

/** Seeds tried for every smaller plan. */
const DICE = 6;

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  readonly runs: number;
}

/** A minute's worth of events, however long the runs are. */
const STEPS_MAX = 20_000_000;

/** At most `runsMax` runs. */
export function shrink(plan: Plan, violation: Violation, runsMax = 3_000): Shrunk {
  let best: Shrunk = { plan, violation, runs: 0 };
  let runs = 0;
  let steps = 0;
  for (let progress = true; progress && runs < runsMax && steps < STEPS_MAX;) {
    progress = false;
    for (const smaller of smallerPlans(best.plan)) {
      if (runs >= runsMax || steps >= STEPS_MAX) break;
      const found = tryDice(smaller, violation.invariant);
      runs += found.runs;
      steps += found.steps;
      if (found.violation === undefined) continue;
      best = { plan: found.plan, violation: found.violation, runs };
      progress = true;
      break;
    }
  }
  return { ...best, runs };
}

/** A smaller plan takes another course: the same seed, or another one, may still lead to the same end. */
function tryDice(plan: Plan, invariant: string): Throws {
  let steps = 0;
  for (let dice = 0; dice < DICE; dice += 1) {
    const thrown = { ...plan, seed: plan.seed + dice * 2 ** 32 };
    const result = runPlan(thrown);
    steps += result.steps;
    if (result.violation?.invariant !== invariant) continue;
    return { plan: thrown, violation: result.violation, runs: dice + 1, steps };
  }
  return { plan, violation: undefined, runs: DICE, steps };
}

interface Throws {
  readonly plan: Plan;
  readonly violation: Violation | undefined;
  readonly runs: number;
  readonly steps: number;
}

/** Candidates, the boldest first. */
function* smallerPlans(plan: Plan): Generator<Plan> {
  yield* fewerClients(plan);
  yield* fewerFaults(plan);
  yield* fewerOperations(plan);
  yield* quieter(plan);
}

function* fewerClients(plan: Plan): Generator<Plan> {
  if (plan.clients.length > 1) {
    for (const leaving of plan.clients) yield { ...plan, clients: plan.clients.filter((client) => client !== leaving) };
  }
}

function* fewerFaults(plan: Plan): Generator<Plan> {
  if (plan.faults.length > 1) yield { ...plan, faults: [] };
  for (const leaving of plan.faults) yield { ...plan, faults: plan.faults.filter((fault) => fault !== leaving) };
}

function* fewerOperations(plan: Plan): Generator<Plan> {
  for (const chosen of plan.clients) {
    for (const operations of new Set([Math.floor(chosen.operations / 2), chosen.operations - 1])) {
      if (operations < 1) continue;
      yield {
        ...plan,
        clients: plan.clients.map((client) => (client === chosen ? { ...client, operations } : client)),
      };
    }
  }
}

/** The same run without one of the things that disturb it. */
function* quieter(plan: Plan): Generator<Plan> {
  const { network, workload, clockOffsetMs } = plan;
  if (network.drop > 0) yield { ...plan, network: { ...network, drop: 0 } };
  if (network.duplicate > 0) yield { ...plan, network: { ...network, duplicate: 0 } };
  if (workload.hedges > 0) yield { ...plan, workload: { ...workload, hedges: 0 } };
  if (workload.expiring > 0) yield { ...plan, workload: { ...workload, expiring: 0 } };
  if (workload.lateCopies > 0) yield { ...plan, workload: { ...workload, lateCopies: 0 } };
  if (workload.retries > 0) yield { ...plan, workload: { ...workload, retries: 0 } };
  if ((workload.sessions ?? 0) > 0) yield { ...plan, workload: { ...workload, sessions: 0 } };
  if ((workload.pinned ?? 0) > 0) yield { ...plan, workload: { ...workload, pinned: 0 } };
  if (workload.clientDrop > 0) yield { ...plan, workload: { ...workload, clientDrop: 0 } };
  if (plan.codecs) yield { ...plan, codecs: false };
  if (plan.keys.length > 1) yield { ...plan, keys: ['x'] };
  if (plan.cacheBytesMax < 1 << 20) yield { ...plan, cacheBytesMax: 1 << 20 };
  if (Object.values(clockOffsetMs).some((offset) => offset !== 0)) yield { ...plan, clockOffsetMs: {} };
}
