/** `npm run chaos:soak`: all scenarios under all of their policies in rotation, until the time is up, with a summary. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Policy } from '../src/core/policy.js';
import { writeReport } from './report/write-report.js';
import { runScenario } from './run/run-scenario.js';
import { stretched, type Scenario } from './scenario/scenario.js';
import { shippedScenarios } from './scenario/shipped.js';

const HELP = `Runs every scenario under every policy that it is meant for, in rotation, until the time is up.

  npm run chaos:soak -- [--minutes 30] [--seed 1] [--seconds 30] [--scenario NAME]... [--report fulcrum-chaos/soak] [--json]

  --minutes   no run is begun after that; 30 by default
  --seed      of the first run; each further one has the next
  --seconds   of each run; 30 by default
  --scenario  only this one; may be given several times
  --report    where runs are kept in which a promise was broken or that failed to be decided

Exit code: 0 where every promise held in every run, 1 where one was broken, 2 for wrong usage, 3 where a run could not
be carried out or decided.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '30' },
    scenario: { type: 'string', multiple: true, default: [] },
    report: { type: 'string', default: 'fulcrum-chaos/soak' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Round {
  readonly scenario: Scenario;
  readonly policy: Policy;
}

interface Line {
  readonly scenario: string;
  readonly policy: Policy;
  runs: number;
  held: number;
  broken: number;
  failed: number;
  operations: number;
}

async function main(): Promise<number> {
  const [minutes, seed, seconds] = [values.minutes, values.seed, values.seconds].map(Number) as [
    number,
    number,
    number,
  ];
  if (values.help) return said(HELP, 0);
  const rounds = await roundsOf(values.scenario);
  const fits = minutes > 0 && Number.isInteger(seed) && seconds >= 5 && rounds.length > 0;
  if (!fits) return said(HELP, 2);
  const untilMs = performance.now() + minutes * 60_000;
  const lines = new Map<string, Line>();
  for (let number = 0; performance.now() < untilMs; number += 1) {
    const round = rounds[number % rounds.length]!;
    await runOne({ ...round, scenario: stretched(round.scenario, seconds) }, seed + number, lineOf(lines, round));
  }
  return summarize([...lines.values()]);
}

/** Policies turn slower than scenarios, so that a short soak sees many scenarios. */
async function roundsOf(names: readonly string[]): Promise<Round[]> {
  const scenarios = (await shippedScenarios()).filter(({ name }) => names.length === 0 || names.includes(name));
  const most = Math.max(0, ...scenarios.map(({ policies }) => policies.length));
  return Array.from({ length: most }, (_, turn) => turn).flatMap((turn) =>
    scenarios.flatMap((scenario): Round[] => {
      const policy = scenario.policies[turn];
      return policy === undefined ? [] : [{ scenario, policy }];
    }),
  );
}

async function runOne({ scenario, policy }: Round, seed: number, line: Line): Promise<void> {
  const title = `${scenario.name} ${policy} seed ${seed}`;
  line.runs += 1;
  try {
    const run = await runScenario(scenario, { policy, seed });
    line.operations += run.result.operations;
    const { verdict } = run.result;
    if (verdict === 'valid') line.held += 1;
    else if (verdict === 'invalid') line.broken += 1;
    else line.failed += 1;
    process.stderr.write(`${title}: ${verdict}, ${run.result.operations} operations\n`);
    if (verdict === 'valid') return;
    const folder = join(values.report, `${scenario.name}-${policy.replace('/', '').toLowerCase()}-${seed}`);
    await writeReport(folder, run);
    process.stderr.write(`  kept in ${folder}\n`);
  } catch (error) {
    line.failed += 1;
    process.stderr.write(
      `${title}: could not be carried out: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}

function lineOf(lines: Map<string, Line>, { scenario, policy }: Round): Line {
  const name = `${scenario.name} ${policy}`;
  const line = lines.get(name) ?? {
    scenario: scenario.name,
    policy,
    runs: 0,
    held: 0,
    broken: 0,
    failed: 0,
    operations: 0,
  };
  lines.set(name, line);
  return line;
}

function summarize(lines: readonly Line[]): number {
  const broken = lines.reduce((sum, line) => sum + line.broken, 0);
  const failed = lines.reduce((sum, line) => sum + line.failed, 0);
  const runs = lines.reduce((sum, line) => sum + line.runs, 0);
  const operations = lines.reduce((sum, line) => sum + line.operations, 0);
  if (values.json) process.stdout.write(`${JSON.stringify({ runs, broken, failed, operations, lines }, null, 2)}\n`);
  else {
    const head = ['scenario', 'policy', 'runs', 'held', 'broken', 'undecided or failed', 'operations'];
    const table = new Table({ head, style: { head: [], border: [], compact: true } });
    table.push(
      ...lines.map((line) => [
        line.scenario,
        line.policy,
        ...[line.runs, line.held, line.broken, line.failed, line.operations].map(String),
      ]),
    );
    const said = broken > 0 ? `${broken} broke a promise` : failed > 0 ? 'none broke a promise' : 'every promise held';
    process.stdout.write(`${table.toString()}\n${runs} runs, ${operations} operations: ${said}.\n`);
  }
  return broken > 0 ? 1 : failed > 0 ? 3 : 0;
}

function said(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  return code;
}

process.exitCode = await main();
