/** `fulcrum chaos run`: a scenario on a cluster of its own, judged. */
import { join } from 'node:path';
import { renderVerdicts } from '../../chaos/check.js';
import type { ReportData } from '../../chaos/report/report-data.js';
import { summaryOf } from '../../chaos/report/report-page.js';
import { writeReport } from '../../chaos/report/write-report.js';
import { runScenario } from '../../chaos/run/run-scenario.js';
import { stretched, type Scenario } from '../../chaos/scenario/scenario.js';
import { findScenario, shippedScenarios } from '../../chaos/scenario/shipped.js';
import type { Policy } from '../core/policy.js';
import { ChaosProgress } from './chaos-progress.js';
import { shortPath, textTable } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

export interface ChaosRunOptions {
  readonly policy?: Policy | undefined;
  readonly seconds?: number | undefined;
  readonly seed?: number | undefined;
  readonly report?: string | undefined;
  readonly toxiproxy?: 'installed' | 'embedded' | undefined;
}

export const SEED_DEFAULT = 7;
export const REPORT_FOLDER_DEFAULT = 'fulcrum-chaos';

interface Reported {
  readonly report: ReportData;
  readonly folder: string;
}

/** Under each of the scenario's policies, or the one that is asked for. `run`: stands in for the real thing in tests. */
export async function chaosRun(
  name: string,
  options: ChaosRunOptions,
  output: Output,
  run: typeof runScenario = runScenario,
): Promise<ExitCode> {
  const written = await findScenario(name);
  const scenario = stretched(written, options.seconds ?? written.seconds);
  const policies = options.policy === undefined ? scenario.policies : [options.policy];
  const reported: Reported[] = [];
  for (const policy of policies) reported.push(await runOne(scenario, policy, options, output, run));
  const all = reported.map(({ report, folder }) => documentOf(report, folder));
  output.result(
    policies.length === 1 ? all[0] : { runs: all },
    ...(policies.length === 1 ? [] : overview(reported, output)),
  );
  return exitCodeFor(reported.map(({ report }) => report));
}

async function runOne(
  scenario: Scenario,
  policy: Policy,
  options: ChaosRunOptions,
  output: Output,
  run: typeof runScenario,
): Promise<Reported> {
  const { seed = SEED_DEFAULT, toxiproxy } = options;
  output.note(output.noteStyle.bold(`${scenario.title}, ${policy}, ${scenario.seconds} s, seed ${seed}`));
  const progress = new ChaosProgress(output, scenario.seconds);
  const result = await run(scenario, { policy, seed, toxiproxy, watcher: progress }).finally(() => progress.stop());
  const folder = join(
    options.report ?? REPORT_FOLDER_DEFAULT,
    `${scenario.name}-${policy.replace('/', '').toLowerCase()}-${seed}`,
  );
  const report = await writeReport(folder, result);
  if (!output.json) output.result(undefined, ...linesOf(report, renderVerdicts(result.result), folder, output));
  return { report, folder };
}

function linesOf(report: ReportData, verdicts: string, folder: string, { style }: Output): string[] {
  const problems = report.spans.filter(({ problem }) => problem !== null);
  return [
    '',
    verdicts.trimEnd(),
    '',
    summaryOf(report),
    ...problems.map(({ title, problem }) => style.warning(`${title}: ${problem}`)),
    report.held ? style.good('Every promise held.') : style.bad(brokenText(report)),
    `Report: ${shortPath(join(folder, 'report.html'))}`,
    '',
  ];
}

function brokenText({ verdict }: ReportData): string {
  return verdict === 'invalid' ? 'A promise was broken.' : 'Not everything could be decided.';
}

/** Without what only the page draws. */
function documentOf({ moments, groups: _, ...report }: ReportData, folder: string): object {
  return { ...report, moments: moments.length, folder };
}

function overview(reported: readonly Reported[], { style }: Output): string[] {
  const rows = reported.map(({ report: { policy, verdict, totals, convergedMs } }) => [
    policy,
    verdict,
    `${((totals.answered / Math.max(1, totals.calls)) * 100).toFixed(1)} %`,
    `${totals.p99Ms.toFixed(0)} ms`,
    convergedMs === null ? 'never' : `${(convergedMs / 1_000).toFixed(1)} s`,
  ]);
  return [textTable(['policy', 'verdict', 'answered', 'p99', 'converged'], rows, style)];
}

/** A run in which nothing took effect shows nothing. */
export function exitCodeFor(reports: readonly ReportData[]): ExitCode {
  if (reports.some(({ verdict }) => verdict === 'invalid')) return EXIT.notFound;
  const showsNothing = ({ spans, unseenFaults }: ReportData): boolean => unseenFaults === spans.length;
  return reports.some((one) => !one.held || showsNothing(one)) ? EXIT.failed : EXIT.done;
}

export async function listScenarios(output: Output): Promise<ExitCode> {
  const scenarios = await shippedScenarios();
  const rows = scenarios.map(({ name, title, policies, nodes, about }) => [
    name,
    `${title}: ${about}`,
    policies.length === 4 ? 'each' : policies.join(' '),
    String(nodes),
  ]);
  output.result(
    scenarios.map(({ steps, ...scenario }) => ({ ...scenario, steps: steps.length })),
    ...rows.map(
      ([name, about, policies, nodes]) =>
        `${output.style.bold(name!.padEnd(18))} ${about} (policy ${policies}, ${nodes} nodes)`,
    ),
  );
  return EXIT.done;
}
