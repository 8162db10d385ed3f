/** Pages by offset and by cursor: lines for the report, and a drawing. */
import { PAGINGS, type Paging, type PagingResult } from './paging.js';

const BAR_WIDTH = 40;
const MARKS: Readonly<Record<Paging, string>> = { offset: '#', cursor: '=' };

/** The cost against the depth as bars, and what each way missed. */
export function pagingLines({ items, pageItems, costs, underWrites }: PagingResult): string[] {
  const most = mostMs(costs);
  const bars = costs.flatMap(({ depth, medianMs }) =>
    PAGINGS.map((paging) => {
      const ms = medianMs[paging];
      const bar = MARKS[paging].repeat(Math.max(1, Math.round((ms / most) * BAR_WIDTH)));
      return `${String(depth).padStart(7)}  ${paging}  ${bar} ${ms.toFixed(1)} ms`;
    }),
  );
  const missed = PAGINGS.map((paging) => {
    const { keys, seenTwice, neverSeen } = underWrites[paging];
    return `${paging}: of ${keys} keys that were there throughout, ${seenTwice} seen twice, ${neverSeen} never`;
  });
  return [
    `Pages of ${pageItems} of ${items} items, median time by the items before the page:`,
    ...bars,
    'All pages, while keys are put and deleted before them:',
    ...missed,
  ];
}

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 60;
const BOTTOM = 40;
const TOP = 20;
const RIGHT = 90;
const COLOURS: Readonly<Record<Paging, string>> = { offset: '#c2410c', cursor: '#1d4ed8' };
const TICKS = 4;

/** The same as an SVG. */
export function pagingSvg({ pageItems, costs }: PagingResult): string {
  const most = mostMs(costs);
  const deepest = Math.max(1, costs.at(-1)?.depth ?? 1);
  const x = (depth: number): number => LEFT + (depth / deepest) * (WIDTH - LEFT - RIGHT);
  const y = (ms: number): number => HEIGHT - BOTTOM - (ms / most) * (HEIGHT - BOTTOM - TOP);
  const lines = PAGINGS.map((paging) => {
    const points = costs.map(({ depth, medianMs }) => `${x(depth).toFixed(1)},${y(medianMs[paging]).toFixed(1)}`);
    const last = costs.at(-1)?.medianMs[paging] ?? 0;
    return (
      `<polyline points="${points.join(' ')}" fill="none" stroke="${COLOURS[paging]}" stroke-width="2"/>` +
      text(x(deepest) + 6, y(last) + 4, `by ${paging}`, 'start', COLOURS[paging])
    );
  });
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index / TICKS).flatMap((share) => [
    text(LEFT - 6, y(most * share) + 4, `${(most * share).toFixed(1)} ms`, 'end'),
    text(x(deepest * share), HEIGHT - BOTTOM + 16, String(Math.round(deepest * share)), 'middle'),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#6b7280"/>`,
    ...ticks,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, `items before a page of ${pageItems}`, 'middle'),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, content: string, anchor: string, fill = '#374151'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${content}</text>`;
}

function mostMs(costs: PagingResult['costs']): number {
  return Math.max(Number.MIN_VALUE, ...costs.flatMap(({ medianMs }) => PAGINGS.map((paging) => medianMs[paging])));
}
