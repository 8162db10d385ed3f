/** A counterexample for people: as text, and as one self-contained page with a bar for each operation. */
import { describe } from './checkers/operation.js';
import type { Counterexample, Role, WindowOperation } from './checkers/verdict.js';

const MARKS: { readonly [R in Role]: string } = { offending: '>', needed: '*', possible: '?', bystander: ' ' };
const MEANINGS: { readonly [R in Role]: string } = {
  offending: 'cannot be explained',
  needed: 'stands in its way',
  possible: 'may take effect or not',
  bystander: 'does not matter',
};
const ROLES: readonly Role[] = ['offending', 'needed', 'possible', 'bystander'];
const TEXT_COLUMNS = 40;

/** One line an operation, by process, with its stretch of time drawn to scale. */
export function timelineText(counterexample: Counterexample): string {
  const { key, before, operations } = counterexample;
  const { at, ticks } = scaleOf(operations);
  const column = (moment: number): number => Math.round((at(moment) / Math.max(1, ticks - 1)) * (TEXT_COLUMNS - 1));
  const width = Math.max(...operations.map(({ operation }) => operation.process.length));
  const lines = lanes(operations).flatMap(({ process, bars }) =>
    bars.map(({ operation, role }) => {
      const [from, to] = [column(operation.start), column(operation.end)];
      const bar = `${' '.repeat(from)}├${'─'.repeat(Math.max(0, to - from - 1))}${operation.end === Infinity ? '→' : '┤'}`;
      return `${MARKS[role]} ${process.padEnd(width)} ${bar.padEnd(TEXT_COLUMNS + 1)} ${describe(operation)}`;
    }),
  );
  const legend = ROLES.filter((role) => role !== 'bystander').map((role) => `${MARKS[role]} ${MEANINGS[role]}`);
  return [
    `key ${JSON.stringify(key)}, beginning with ${before === 'absent' ? 'no value' : before}`,
    ...lines,
    legend.join('   '),
    '',
  ].join('\n');
}

/** A page without scripts or outside references; light or dark as the reader's system is. */
export function timelineHtml(counterexample: Counterexample): string {
  const { key, before } = counterexample;
  const title = `Key ${JSON.stringify(key)} is not linearizable`;
  const legend = ROLES.map((role) => `<span class="${role}"><i></i>${MEANINGS[role]}</span>`).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body><h1>${escape(title)}</h1>
<p>No order of these operations is possible, beginning with ${before === 'absent' ? 'no value' : before}.</p>
${svgOf(counterexample)}
<p class="legend">${legend}</p>
<pre>${escape(timelineText(counterexample))}</pre>
</body></html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #6b7280; --paper: #ffffff; --line: #e2e4e8;
  --offending: #c62828; --needed: #1e5fbf; --possible: #9a6b00; --bystander: #9aa0a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9eb; --soft: #a0a6ae; --paper: #16181b; --line: #2f3338;
  --offending: #ff6b6b; --needed: #78a9ff; --possible: #e0b050; --bystander: #6f757d; } }
body { margin: 2rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.25rem; } pre { overflow-x: auto; color: var(--soft); }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg line { stroke: var(--line); }
.offending { --bar: var(--offending); } .needed { --bar: var(--needed); }
.possible { --bar: var(--possible); } .bystander { --bar: var(--bystander); }
rect { fill: var(--bar); fill-opacity: .25; stroke: var(--bar); }
.offending rect { fill-opacity: .55; stroke-width: 2; } .possible rect { stroke-dasharray: 4 3; }
.legend span { margin-right: 1.5rem; } .legend i { display: inline-block; width: 1em; height: .8em;
  margin-right: .4em; border: 1px solid var(--bar); background: color-mix(in srgb, var(--bar) 25%, transparent); }`;

const LANE_PX = 120;
const ROW_PX = 26;
const TICK_PX = 64;
const CHARACTER_PX = 7;

function svgOf({ operations }: Counterexample): string {
  const { at, ticks } = scaleOf(operations);
  const right = LANE_PX + ticks * TICK_PX;
  const longest = Math.max(...operations.map(({ operation }) => describe(operation).length));
  const width = Math.max(right, LANE_PX + longest * CHARACTER_PX) + 20;
  const rows: string[] = [];
  let y = 10;
  for (const { process, bars } of lanes(operations)) {
    rows.push(`<text x="4" y="${y + 17}">${escape(process)}</text>`);
    for (const { operation, role } of bars) {
      const x = LANE_PX + at(operation.start) * TICK_PX;
      const end = operation.end === Infinity ? right : LANE_PX + at(operation.end) * TICK_PX;
      const label = describe(operation);
      const textX = Math.max(LANE_PX, Math.min(x + 6, width - 10 - label.length * CHARACTER_PX));
      rows.push(
        `<g class="${role}"><title>${escape(`${label}: ${MEANINGS[role]}`)}</title>` +
          `<rect x="${x}" y="${y}" width="${Math.max(8, end - x)}" height="${ROW_PX - 4}" rx="4"/>` +
          `<text x="${textX}" y="${y + 15}">${escape(label)}</text></g>`,
      );
      y += ROW_PX;
    }
    rows.push(`<line x1="0" x2="${width}" y1="${y + 1}" y2="${y + 1}"/>`);
    y += 6;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 10}" role="img" aria-label="operations by process and time">\n${rows.join('\n')}\n</svg>`;
}

interface Lane {
  readonly process: string;
  readonly bars: WindowOperation[];
}

function lanes(operations: readonly WindowOperation[]): Lane[] {
  const found = new Map<string, Lane>();
  for (const bar of [...operations].sort((a, b) => a.operation.start - b.operation.start)) {
    const { process } = bar.operation;
    const lane = found.get(process) ?? { process, bars: [] };
    lane.bars.push(bar);
    found.set(process, lane);
  }
  return [...found.values()];
}

/** Moments by rank, evenly spaced: what matters is which came first, not by how much. */
function scaleOf(operations: readonly WindowOperation[]): {
  readonly at: (moment: number) => number;
  readonly ticks: number;
} {
  const moments = [...new Set(operations.flatMap(({ operation: { start, end } }) => [start, end]))].sort(
    (a, b) => a - b,
  );
  const places = new Map(moments.map((moment, place) => [moment, place]));
  return { at: (moment) => places.get(moment)!, ticks: moments.length };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
