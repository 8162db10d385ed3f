/** The report as text for a terminal and as Markdown. */
import Table from 'cli-table3';
import { pagingLines } from './paging-chart.js';
import { watchingLines } from './watching.js';
import { COLUMNS, headingOf, markLines, rowsOf, type Report } from './report.js';

export function terminalText(report: Report): string {
  const table = new Table({
    head: COLUMNS.map(([title]) => title),
    colAligns: COLUMNS.map(([, isNumber]) => (isNumber ? 'right' : 'left')),
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 1 },
  });
  table.push(...rowsOf(report));
  const cases = report.results.length > 0 ? [table.toString(), '', ...markLines(report.marks)] : [];
  return [...headingOf(report), '', ...cases, ...notes(report), ...pages(report)].join('\n');
}

export function markdownText(report: Report): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  const table = [
    line(COLUMNS.map(([title]) => title)),
    line(COLUMNS.map(([, isNumber]) => (isNumber ? '---:' : '---'))),
    ...rowsOf(report).map(line),
  ];
  const list = (lines: readonly string[]): string[] => lines.map((text) => `- ${text}`);
  const drawn = pages(report);
  const chart = drawn.length === 0 ? [] : ['```', ...drawn, '```'];
  const parts = [list(headingOf(report)), table, list(markLines(report.marks)), list(notes(report)), chart];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function pages({ paging, watching }: Report): string[] {
  return [...(paging === null ? [] : pagingLines(paging)), ...(watching === null ? [] : watchingLines(watching))];
}

function notes({ warnings, failures, leftOut, results }: Report): string[] {
  const lines = failures.map(
    ({ valueBytes, concurrency, reason }) => `FAILED  ${valueBytes} B, ${concurrency} under way: ${reason}`,
  );
  lines.push(...warnings);
  if (leftOut.length > 0) lines.push(`Left out, too many bytes under way at once: ${leftOut.length} cases.`);
  if (results.some(({ workload }) => workload === 'ycsb-f')) {
    lines.push('ycsb-f: half of its operations are a get and then a put, each pair counted once.');
  }
  return lines;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
