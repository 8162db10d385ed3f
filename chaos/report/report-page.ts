/** One run as a page: what was done to the cluster, above what its clients saw. */
import { escapeHtml, htmlTable, pageOf } from './page-parts.js';
import type { ReportData, ReportSpan } from './report-data.js';

const VERDICT_CLASS = { valid: 'good', invalid: 'bad', undecided: 'unsure' } as const;

export function reportPage(report: ReportData): string {
  const { title, policy, about, held, verdict, seconds } = report;
  const said = held
    ? 'Every promise held.'
    : verdict === 'invalid'
      ? 'A promise was broken.'
      : 'Not everything could be decided.';
  const body = `<h1>${escapeHtml(title)}, ${policy}</h1>
<p class="about">${escapeHtml(about)}</p>
<p><strong class="${VERDICT_CLASS[verdict]}">${said}</strong> ${escapeHtml(summaryOf(report))}</p>
<h2>Faults</h2>
${timelineOf(report.spans, seconds)}
<h2>Latency</h2><div id="latency"></div>
<h2>Availability</h2><div id="availability"></div>
<h2>Staleness</h2><div id="staleness"></div>
<h2>Verdicts</h2>
<div class="scroll">${verdictTable(report)}</div>
${explanationsOf(report)}
<h2>Run again</h2>
<pre>npx fulcrum chaos run ${escapeHtml(report.scenario)} --policy ${policy} --seconds ${seconds} --seed ${report.seed}</pre>`;
  return pageOf({
    title: `${title}, ${policy}: ${verdict}`,
    style: STYLE,
    body,
    data: { moments: report.moments, groups: report.groups, seconds, spans: report.spans },
    script: SCRIPT,
  });
}

/** The run in a sentence or two. */
export function summaryOf({ totals, operations, convergedMs, seed, nodes, replicas, toxiproxy }: ReportData): string {
  const answered = ((totals.answered / Math.max(1, totals.calls)) * 100).toFixed(1);
  const converged =
    convergedMs === null
      ? 'The home replicas never became the same.'
      : `All home replicas were the same ${(convergedMs / 1_000).toFixed(1)} s after the heal.`;
  return (
    `${operations} operations on ${nodes} nodes with ${replicas} home replicas a key, seed ${seed}, ${toxiproxy} Toxiproxy: ` +
    `${answered} % answered, p50 ${totals.p50Ms.toFixed(1)} ms, p99 ${totals.p99Ms.toFixed(0)} ms, ` +
    `${totals.staleReads} of ${totals.reads} reads stale. ${converged}`
  );
}

function verdictTable({ verdicts }: ReportData): string {
  return htmlTable(
    ['checker', 'verdict', 'checked', 'violations'],
    verdicts.map((one) => [one.checker, one.verdict, String(one.checkedOperations), String(one.violations)]),
    { from: 2, to: 3 },
  );
}

function explanationsOf({ verdicts, spans }: ReportData): string {
  const problems = spans.filter(({ problem }) => problem !== null).map(({ title, problem }) => `${title}: ${problem}`);
  const all = [
    ...verdicts.flatMap(({ checker, explanations }) => explanations.map((one) => `${checker}: ${one}`)),
    ...problems,
  ];
  return all.length === 0 ? '' : `<ul>${all.map((one) => `<li>${escapeHtml(one)}</li>`).join('\n')}</ul>`;
}

function timelineOf(spans: readonly ReportSpan[], seconds: number): string {
  const lanes: ReportSpan[][] = [];
  for (const span of spans) {
    const lane = lanes.find((one) => one.at(-1)!.toS + 0.2 * (seconds / 60) <= span.fromS);
    if (lane === undefined) lanes.push([span]);
    else lane.push(span);
  }
  const percent = (atS: number): string => ((Math.min(atS, seconds) / seconds) * 100).toFixed(3);
  const bars = lanes.map((lane) => {
    const drawn = lane.map((span) => {
      const { title, fromS, toS, confirmedS, problem } = span;
      const seen =
        confirmedS === null
          ? (problem ?? 'over before it could be looked at')
          : `seen after ${(confirmedS - fromS).toFixed(1)} s`;
      const tip = escapeHtml(`${title}: ${fromS.toFixed(1)} s to ${toS.toFixed(1)} s, ${seen}`);
      const left = percent(fromS);
      const width = (Number(percent(toS)) - Number(left)).toFixed(3);
      return `<span class="span${problem === null ? '' : ' unsure'}" style="left:${left}%;width:max(3px,${width}%)" title="${tip}">${escapeHtml(title)}</span>`;
    });
    return `<div class="lane">${drawn.join('')}</div>`;
  });
  return `<div class="timeline">${bars.join('\n')}</div>`;
}

const STYLE = `
.timeline { margin: 0 12px 0 64px; border-left: 1px solid var(--line); border-right: 1px solid var(--line); }
.lane { position: relative; height: 26px; border-bottom: 1px solid var(--line); }
.span { position: absolute; top: 3px; height: 20px; overflow: hidden; white-space: nowrap; box-sizing: border-box; padding: 0 4px;
  font-size: 12px; line-height: 18px; border: 1px solid var(--bad); background: var(--fault); border-radius: 3px; color: var(--ink); }
.span.unsure { border-style: dashed; border-color: var(--unsure); }
pre { background: color-mix(in srgb, var(--line) 40%, transparent); padding: .6rem .8rem; overflow-x: auto; }`;

const SCRIPT = `
const x = data.moments.map((m) => m.atS);
const spans = data.spans.map(({ fromS, toS }) => ({ from: fromS, to: toS }));
const common = { x, spans, length: data.seconds };
const of = (pick) => data.moments.map(pick);
chart('latency', { ...common, unit: ' ms', log: true, series: [
  { label: 'p50', color: '--c0', values: of((m) => m.p50Ms) }, { label: 'p99', color: '--c1', values: of((m) => m.p99Ms) }] });
chart('availability', { ...common, unit: ' %', range: [0, 102], series: [
  { label: 'all', color: '--c7', width: 3, values: of((m) => m.availability.all === null ? null : m.availability.all * 100) },
  ...data.groups.map((group, at) => ({ label: group === 'any' ? 'clients of all nodes' : 'clients of ' + group, color: '--c' + (at % 7),
    values: of((m) => m.availability[group] === null ? null : m.availability[group] * 100) }))] });
chart('staleness', { ...common, unit: ' ms', series: [
  { label: 'stalest read', color: '--c3', values: of((m) => m.staleMaxMs) }] });`;
