/** The last two minutes by level, with the faults drawn behind the lines and named above them. */
import type uPlotType from 'uplot';
import type { Level } from '../../core/level.js';
import type { ConsoleView, FaultView, LevelFigures, SecondView } from '../api.js';
import { byId, el } from './dom.js';
import { milliseconds, share } from './format.js';

/** Loaded by a script of its own. */
declare const uPlot: typeof uPlotType;

const LEVELS: readonly Level[] = ['ONE', 'QUORUM', 'ALL'];
const DASHES: Readonly<Record<Level, number[]>> = { ONE: [2, 3], QUORUM: [], ALL: [9, 4] };
const SHOWN_SECONDS = 120;
/** Seconds ago. */
const MOMENTS = [120, 90, 60, 30, 0];
const AXIS_WIDTH = 56;
const RIGHT = 16;

// `uPlot.Scale.Distr.Logarithmic`, which exists as a type only.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const LOGARITHMIC = 3 as uPlotType.Scale.Distr;

type Read = (figures: LevelFigures) => number | undefined;

interface Kind {
  readonly target: string;
  readonly height: number;
  readonly lines: readonly Read[];
  readonly scale: uPlotType.Scale;
  readonly label: (value: number) => string;
  readonly ticks: readonly number[];
}

const SHARES: uPlotType.Scale = { range: [0, 1.02] };
const KINDS: readonly Kind[] = [
  {
    target: 'chart-latency',
    height: 150,
    lines: [({ p50 }) => p50, ({ p99 }) => p99],
    scale: {
      distr: LOGARITHMIC,
      range: (_, least, most) => [Math.min(0.5, least || 0.5), Math.max(20, most || 20) * 1.1],
    },
    label: (value) => milliseconds(value).replace(/\.0+ /, ' '),
    ticks: [0.1, 1, 10, 100, 1_000, 10_000],
  },
  {
    target: 'chart-answered',
    height: 104,
    lines: [({ answered, failed }) => share(answered, answered + failed)],
    scale: SHARES,
    label: (value) => `${Math.round(value * 100)} %`,
    ticks: [0, 0.5, 1],
  },
  {
    target: 'chart-stale',
    height: 104,
    lines: [({ stale, reads }) => share(stale, reads)],
    scale: SHARES,
    label: (value) => `${Math.round(value * 100)} %`,
    ticks: [0, 0.5, 1],
  },
];

export class Charts {
  #seconds: SecondView[] = [];
  #faults: readonly FaultView[] = [];
  #plots: uPlotType[] = [];
  readonly #timeline = byId('timeline');
  /** The server's clock minus this one's, so that charts move between two seconds and machines may differ. */
  #offsetMs = 0;

  constructor() {
    byId('legend').append(
      ...LEVELS.map((level) => el('span', { class: `key level-${level}` }, el('i', { class: `dash-${level}` }), level)),
    );
    this.#make();
    new ResizeObserver(() => this.#resize()).observe(byId('chart-latency'));
  }

  /** Colours are those of the style sheet, which differ between light and dark. */
  restyle(): void {
    for (const plot of this.#plots) plot.destroy();
    this.#make();
    this.#draw();
  }

  add(seconds: readonly SecondView[]): void {
    const last = this.#seconds.at(-1)?.atMs ?? 0;
    this.#seconds.push(...seconds.filter(({ atMs }) => atMs > last));
    this.#seconds = this.#seconds.slice(-2 * SHOWN_SECONDS);
    this.#draw();
  }

  show({ faults, nowMs }: ConsoleView): void {
    this.#offsetMs = nowMs - Date.now();
    this.#faults = faults;
    this.#drawTimeline();
    for (const plot of this.#plots) plot.redraw(false);
  }

  #make(): void {
    this.#plots = KINDS.map((kind) => {
      const target = byId(kind.target);
      return new uPlot(this.#options(kind, target.clientWidth), [[]] as unknown as uPlotType.AlignedData, target);
    });
  }

  #options({ lines, scale, height, label, ticks }: Kind, width: number): uPlotType.Options {
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const isPair = lines.length === 2;
    return {
      width,
      height,
      padding: [6, RIGHT, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'levels' }, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { range: () => this.#range() }, y: scale },
      axes: [
        { ...axis, font, size: 22, splits: () => this.#moments(), values: () => MOMENTS.map(momentText) },
        {
          ...axis,
          font,
          size: AXIS_WIDTH,
          splits: (_, __, least, most) => ticks.filter((tick) => tick >= least && tick <= most),
          values: (_, at) => at.map(label),
          filter: (_, at) => at,
        },
      ],
      series: [
        {},
        ...LEVELS.flatMap((level) =>
          lines.map((_, index) => ({
            stroke: index === 0 ? colour(`--${level.toLowerCase()}`) : 'transparent',
            width: 2,
            dash: DASHES[level],
            points: { show: false },
            spanGaps: false,
          })),
        ),
      ],
      bands: isPair
        ? LEVELS.map((level, index) => ({
            series: [2 * index + 2, 2 * index + 1] as [number, number],
            fill: colour(`--${level.toLowerCase()}-veil`),
          }))
        : [],
      hooks: { drawClear: [(plot) => this.#drawFaults(plot)] },
    };
  }

  #draw(): void {
    const times = this.#seconds.map(({ atMs }) => atMs / 1_000);
    for (const [index, { lines }] of KINDS.entries()) {
      const columns = LEVELS.flatMap((level) =>
        lines.map((read) => this.#seconds.map(({ levels }) => read(levels[level]) ?? null)),
      );
      this.#plots[index]?.setData([times, ...columns] as uPlotType.AlignedData);
    }
    this.#drawTimeline();
  }

  #resize(): void {
    for (const [index, { target, height }] of KINDS.entries()) {
      const width = byId(target).clientWidth;
      if (width > 0) this.#plots[index]?.setSize({ width, height });
    }
    this.#drawTimeline();
  }

  #range(): [number, number] {
    const now = (Date.now() + this.#offsetMs) / 1_000;
    return [now - SHOWN_SECONDS, now];
  }

  #moments(): number[] {
    const [, now] = this.#range();
    return MOMENTS.map((before) => now - before);
  }

  #drawFaults(plot: uPlotType): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = colour('--fault-veil');
    for (const { fromMs, toMs } of this.#faults) {
      const from = Math.max(bbox.left, plot.valToPos(fromMs / 1_000, 'x', true));
      const to = toMs === undefined ? bbox.left + bbox.width : plot.valToPos(toMs / 1_000, 'x', true);
      if (to > from) ctx.fillRect(from, bbox.top, Math.max(2, to - from), bbox.height);
    }
    ctx.restore();
  }

  /** Names that would cover each other go into further rows. */
  #drawTimeline(): void {
    const [from, to] = this.#range();
    const shown = this.#faults.filter(({ toMs }) => toMs === undefined || toMs / 1_000 > from);
    const rowEnds: number[] = [];
    const marks = shown.map((fault) => {
      const left = Math.max(0, (fault.fromMs / 1_000 - from) / (to - from));
      const right = fault.toMs === undefined ? 1 : (fault.toMs / 1_000 - from) / (to - from);
      const begins = left > 0.84 ? left - 0.14 : left;
      const found = rowEnds.findIndex((end) => end <= begins);
      const row = found < 0 ? rowEnds.length : found;
      rowEnds[row] = Math.max(right, begins + 0.14);
      const isOver = fault.toMs !== undefined;
      const name = `fault ${fault.kind}${isOver ? ' over' : ''}${left > 0.84 ? ' late' : ''}`;
      const mark = el('span', { class: name, title: fault.label }, el('span', {}, fault.label));
      mark.style.left = `${left * 100}%`;
      mark.style.width = `${Math.max(0.002, right - left) * 100}%`;
      mark.style.top = `${row * 20}px`;
      return mark;
    });
    this.#timeline.style.height = `${Math.max(1, Math.min(3, rowEnds.length)) * 20}px`;
    this.#timeline.replaceChildren(...marks);
  }
}

function momentText(before: number): string {
  return before === 0 ? 'now' : `−${before} s`;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
