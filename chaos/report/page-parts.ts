/** What the report pages have in common: one self-contained file each, in light and dark. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** uPlot (Leon Sorokin, MIT), script and style, to be put into the page. */
function uplot(file: string): string {
  return readFileSync(require.resolve(`uplot/dist/${file}`), 'utf8');
}

export interface Page {
  readonly title: string;
  /** Styles beside the common ones. */
  readonly style: string;
  readonly body: string;
  /** Data for the script, as `data`. */
  readonly data: unknown;
  /** Runs with uPlot and `data`. */
  readonly script: string;
}

export function pageOf({ title, style, body, data, script }: Page): string {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${uplot('uPlot.min.css')}${COMMON_STYLE}${style}</style></head>
<body>${body}
<script>${uplot('uPlot.iife.min.js')}</script>
<script>const data = ${json};
${CHART_SCRIPT}
${script}</script>
</body></html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A table; numbers are given as text. Columns from `from` to `to` are set flush right. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const cells = (tag: string, row: readonly string[]): string =>
    row
      .map((cell, at) => `<${tag}${at >= from && at <= to ? ' class="number"' : ''}>${escapeHtml(cell)}</${tag}>`)
      .join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

const COMMON_STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #6b7280; --paper: #ffffff; --line: #e2e4e8; --fault: #c6282822;
  --bad: #c62828; --good: #1b7f3b; --unsure: #9a6b00; --c0: #1e5fbf; --c1: #c0561a; --c2: #1b7f3b; --c3: #7a3fb0;
  --c4: #0f7f8c; --c5: #9a6b00; --c6: #b03a75; --c7: #5b6470; --c8: #4a4fc4; --c9: #2f6f4f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9eb; --soft: #a0a6ae; --paper: #16181b; --line: #2f3338;
  --fault: #ff6b6b2b; --bad: #ff6b6b; --good: #5fcf80; --unsure: #e0b050; --c0: #78a9ff; --c1: #ff9d5c; --c2: #5fcf80;
  --c3: #c79bff; --c4: #4fd0dd; --c5: #e0b050; --c6: #ff8ec4; --c7: #a0a6ae; --c8: #9aa0ff; --c9: #86d9b0; } }
body { margin: 2rem auto; max-width: 1100px; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin-bottom: .2rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p.about, .soft { color: var(--soft); } .number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll table { border-collapse: collapse; font-size: 14px; } .scroll :is(th, td) { padding: .25rem .8rem .25rem 0; text-align: left; vertical-align: top; }
.scroll :is(th, td) { border-bottom: 1px solid var(--line); } .scroll th { color: var(--soft); font-weight: 600; }
.scroll .number { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; } .u-legend { color: var(--ink); font-size: 13px; text-align: left; } .bad { color: var(--bad); } .good { color: var(--good); }
.unsure { color: var(--unsure); } .u-title { display: none; }`;

/** `chart(id, { series, labels, ... })`: lines over seconds, with the faults behind them. */
const CHART_SCRIPT = `
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const plots = [];
const withUnit = (v, unit) => unit === ' ms' && Math.abs(v) >= 1000 ? v / 1000 + ' s' : v + unit;
function chart(id, { x, series, unit, log, range, spans = [], length }) {
  const host = document.getElementById(id);
  const axis = { stroke: () => style('--soft'), grid: { stroke: () => style('--line'), width: 1 }, ticks: { stroke: () => style('--line'), width: 1 } };
  const plot = new uPlot({
    width: host.clientWidth, height: 210, padding: [8, 12, 0, 0],
    cursor: { sync: { key: 'time' } },
    scales: { x: { time: false, range: [0, length] }, y: log ? { distr: 3 } : { range } },
    axes: [{ ...axis, values: (u, at) => at.map((s) => s + ' s') },
      { ...axis, size: 64, values: (u, at) => at.map((v) => v === null ? '' : withUnit(v, unit)) }],
    series: [{ label: 'time', value: (u, v) => v === null ? '' : v.toFixed(1) + ' s' },
      ...series.map(({ label, color, width = 1.5 }) => ({ label, width, stroke: () => style(color), spanGaps: false,
        points: { show: false }, value: (u, v) => v === null || v === undefined ? '–' : withUnit(Math.round(v * 10) / 10, unit) }))],
    hooks: { drawClear: [(u) => {
      u.ctx.fillStyle = style('--fault');
      for (const { from, to } of spans) {
        const left = u.valToPos(from, 'x', true), right = u.valToPos(to, 'x', true);
        u.ctx.fillRect(left, u.bbox.top, Math.max(1, right - left), u.bbox.height);
      }
    }] },
  }, [x, ...series.map((one) => one.values)], host);
  plots.push([plot, host]);
}
addEventListener('resize', () => { for (const [plot, host] of plots) plot.setSize({ width: host.clientWidth, height: 210 }); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { for (const [plot] of plots) plot.redraw(false, true); });`;
