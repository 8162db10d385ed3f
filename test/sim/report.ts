/** What a person is shown of a run that broke an invariant. */
import type { SchedulerKind } from './draw-plan.js';
import type { Plan } from './plan.js';
import { runPlan } from './run-plan.js';
import { shrink } from './shrink.js';
import type { Violation } from './violation.js';

type Print = (line: string) => void;

/** Of a long transcript the beginning and the end are shown. */
const HEAD_LINES = 200;
const TAIL_LINES = 200;

export function reportFailure(
  plan: Plan,
  violation: Violation,
  scheduler: SchedulerKind | undefined,
  print: Print,
): void {
  print(`\nseed ${plan.seed} broke "${violation.invariant}":\n${violation.message}\n`);
  const shrunk = shrink(plan, violation);
  print(`Made smaller in ${shrunk.runs} runs: ${describePlan(shrunk.plan)}\n`);
  printTranscript(shrunk.plan, print);
  const choice = scheduler === undefined ? '' : ` --scheduler ${scheduler}`;
  print(`\nReplay: npm run sim -- --seed ${plan.seed}${choice} --replay`);
}

/** Prints the transcript of a plan, made smaller if it fails (unless `whole`). True: nothing was broken. */
export function replay(plan: Plan, scheduler: SchedulerKind | undefined, whole: boolean, print: Print): boolean {
  const { violation } = runPlan(plan);
  if (violation === undefined || whole) {
    print(describePlan(plan));
    printTranscript(plan, print);
  } else reportFailure(plan, violation, scheduler, print);
  return violation === undefined;
}

function printTranscript(plan: Plan, print: Print): void {
  const { transcript, violation } = runPlan(plan, { trace: true });
  const [head, tail] = [transcript.slice(0, HEAD_LINES), transcript.slice(HEAD_LINES)];
  for (const line of head) print(line);
  if (tail.length > TAIL_LINES) print(`           … ${tail.length - TAIL_LINES} lines left out …`);
  for (const line of tail.slice(-TAIL_LINES)) print(line);
  print(
    violation === undefined
      ? 'No invariant was broken.'
      : `           ==> "${violation.invariant}": ${violation.message}`,
  );
}

function describePlan({ nodes, replicas, policy, clients, faults, scheduler, network }: Plan): string {
  const operations = clients.map(({ name, operations: count }) => `${name}:${count}`).join(' ');
  return (
    `${nodes.length} nodes, ${replicas} replicas, ${policy}, ${scheduler.kind} scheduler, operations ${operations}, ` +
    `${faults.length} faults, drop ${network.drop}, duplicate ${network.duplicate}`
  );
}
