/** The matrix as one self-contained page: bars beside the figures. */
import { escapeHtml, htmlTable, pageOf } from '../report/page-parts.js';
import { CONDITION_TITLES } from './cells.js';
import type { Cell } from './judge-cell.js';
import type { Matrix } from './matrix.js';
import { HEAD, machineText, rowOf, summaryOf } from './tables.js';

/** The columns of HEAD that hold figures. */
const FIGURES = { from: 3, to: 8 };

export function matrixPage(matrix: Matrix, command: string): string {
  const { cells, linearizabilityViolations, problems } = matrix;
  const body = `<h1>The PACELC matrix, measured</h1>
<p class="about">${escapeHtml(machineText(matrix))}</p>
<p><strong class="${linearizabilityViolations === 0 && problems.length === 0 ? 'good' : 'bad'}">${escapeHtml(summaryOf(matrix))}</strong></p>
<h2>Latency: what consistency costs</h2><p class="soft">p50 (full colour) and p99 (pale), on a logarithmic scale.</p>
<div class="grid">${panels(cells, latencyBars)}</div>
<h2>Availability: what a partition costs</h2>
<div class="grid">${panels(cells, availabilityBars)}</div>
<h2>Stale reads</h2>
<div class="grid">${panels(cells, staleBars)}</div>
<h2>All figures</h2>
<div class="scroll">${htmlTable(HEAD, cells.map(rowOf), FIGURES)}</div>
${problems.length === 0 ? '' : `<ul class="bad">${problems.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`}
<h2>Run again</h2><pre>${escapeHtml(command)}</pre>`;
  return pageOf({ title: 'The PACELC matrix, measured', style: STYLE, body, data: {}, script: '' });
}

/** One panel for each policy, a bar for each of its rows. */
function panels(cells: readonly Cell[], bars: (cell: Cell) => string): string {
  const policies = [...new Set(cells.map(({ policy }) => policy))];
  return policies
    .map((policy) => {
      const rows = cells
        .filter((cell) => cell.policy === policy)
        .map((cell) => `<div class="name">${escapeHtml(nameOf(cell))}</div><div class="bar">${bars(cell)}</div>`);
      return `<section><h3>${policy}</h3><div class="rows">${rows.join('\n')}</div></section>`;
    })
    .join('\n');
}

function nameOf({ level, condition, side }: Cell): string {
  const network = condition === 'slow' ? 'slow links' : CONDITION_TITLES[condition];
  return `${level}, ${side === 'all' ? network : side}`;
}

const LEAST_MS = 0.1;
const MOST_MS = 10_000;

function latencyBars({ p50Ms, p99Ms }: Cell): string {
  if (p50Ms === null || p99Ms === null) return '<span class="none">no answer</span>';
  return `${bar(logShare(p99Ms), 'light')}${bar(logShare(p50Ms), 'dark')}<span class="value">${p50Ms.toFixed(1)} / ${p99Ms.toFixed(0)} ms</span>`;
}

function availabilityBars({ availability }: Cell): string {
  return `${bar(availability, 'dark')}<span class="value">${(availability * 100).toFixed(1)} %</span>`;
}

function staleBars({ staleShare, staleMaxMs }: Cell): string {
  if (staleShare === null) return '<span class="none">no read</span>';
  const oldest = staleShare > 0 ? `, up to ${staleMaxMs.toFixed(0)} ms` : '';
  return `${bar(staleShare, 'dark')}<span class="value">${(staleShare * 100).toFixed(1)} %${oldest}</span>`;
}

function logShare(ms: number): number {
  return Math.min(1, Math.max(0.01, Math.log(ms / LEAST_MS) / Math.log(MOST_MS / LEAST_MS)));
}

function bar(share: number, shade: 'light' | 'dark'): string {
  return `<i class="${shade}" style="width:${(share * 100).toFixed(1)}%"></i>`;
}

const STYLE = `
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(460px, 1fr)); gap: 0 2rem; }
h3 { font-size: .95rem; margin: .6rem 0 .2rem; } .rows { display: grid; grid-template-columns: 11rem 1fr; font-size: 13px; }
.name { color: var(--soft); white-space: nowrap; } .bar { position: relative; height: 20px; margin-right: 11rem; }
.bar i { position: absolute; left: 0; top: 4px; height: 12px; border-radius: 2px; background: var(--c0); }
.bar i.light { opacity: .35; } .value, .none { position: absolute; left: calc(100% + .5rem); white-space: nowrap; font-variant-numeric: tabular-nums; } .none { color: var(--soft); }
@media (max-width: 520px) { .grid { grid-template-columns: 1fr; } }`;
