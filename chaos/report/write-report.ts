/** The folder of a run: history.ndjson, verdicts.json and report.html, and a counterexample where there is one. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serializeHistory } from '../history.js';
import type { RunResult } from '../run/run-scenario.js';
import { timelineHtml } from '../timeline.js';
import { reportOf, type ReportData } from './report-data.js';
import { reportPage } from './report-page.js';

export async function writeReport(folder: string, run: RunResult): Promise<ReportData> {
  const report = reportOf(run);
  const found = run.result.verdicts.flatMap(({ violations }) => violations).find((one) => one.counterexample);
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'history.ndjson'), serializeHistory(run.history)),
    writeFile(join(folder, 'verdicts.json'), `${JSON.stringify(report, null, 2)}\n`),
    writeFile(join(folder, 'report.html'), reportPage(report)),
    ...(found?.counterexample === undefined
      ? []
      : [writeFile(join(folder, 'counterexample.html'), timelineHtml(found.counterexample))]),
  ]);
  return report;
}
