/** One row for each level: what it costs in latency, in staleness and in answers, on axes that all rows share. */
import type { Level } from '../../core/level.js';
import type { ConsoleView, LevelFigures, WouldHave } from '../api.js';
import { byId, el, say, set } from './dom.js';
import { milliseconds, percent, plural, share } from './format.js';

const LEVELS: readonly Level[] = ['ONE', 'QUORUM', 'ALL'];
/** The latency axis is logarithmic. */
const AXIS_FROM_MS = 0.2;
const AXIS_TO_MS = 2_000;
/** What the figures are summed over. */
const SUMMARY_SECONDS = 10;
const TICKS_MS = [1, 10, 100, 1_000];

export class Levels {
  readonly #rows: readonly Row[];
  readonly #note = byId('levels-note');

  constructor() {
    const head = ['', 'latency', 'stale reads', 'answered', 'vouched linearizable'];
    this.#rows = LEVELS.map((level) => new Row(level));
    byId('levels-table').append(
      el('div', { class: 'row head', role: 'row' }, ...head.map((text) => el('span', { role: 'columnheader' }, text))),
      ...this.#rows.map(({ root }) => root),
      el('div', { class: 'row scale', 'aria-hidden': 'true' }, el('span'), latencyScale(), ...shareScales()),
    );
  }

  show(view: ConsoleView): void {
    const { load, levels, cluster, wouldHave } = view;
    for (const row of this.#rows) row.show(levels[row.level], wouldHave[row.level], cluster.replicas);
    const isQuiet = LEVELS.every((level) => levels[level].answered + levels[level].failed === 0);
    const quiet = load.running ? '' : 'nothing asks: start the load';
    const sampled = wouldHave.QUORUM.asked;
    const hollow = sampled > 0 ? `; hollow: what ${plural(sampled, 'sampled read')} would have got` : '';
    say(this.#note, isQuiet ? quiet : `the last ten seconds, as callers saw them${hollow}`);
  }
}

class Row {
  readonly level: Level;
  readonly root;
  readonly #waits = el('small');
  readonly #latency = new Meter('latency');
  readonly #stale = new Meter('share');
  readonly #answered = new Meter('share');
  readonly #vouched = new Meter('share');

  constructor(level: Level) {
    this.level = level;
    this.root = el(
      'div',
      { class: `row level-${level}`, role: 'row', 'data-level': level },
      el('span', { class: 'level', role: 'rowheader' }, el('strong', {}, level), this.#waits),
      this.#latency.root,
      this.#stale.root,
      this.#answered.root,
      this.#vouched.root,
    );
  }

  show(figures: LevelFigures, would: WouldHave, replicas: number): void {
    const { answered, failed, stale, reads, p50, p99, staleVersions, staleMs, guarantees } = figures;
    const needed = { ONE: 1, QUORUM: Math.floor(replicas / 2) + 1, ALL: replicas }[this.level];
    say(this.#waits, `${needed} of ${replicas} copies`);
    this.#latency.range(place(p50), place(p99), milliseconds(p50), p99 === undefined ? '' : `p99 ${milliseconds(p99)}`);
    const behind =
      staleVersions === undefined ? '' : `${plural(Math.round(staleVersions), 'version')}, ${milliseconds(staleMs)}`;
    this.#stale.fill(share(stale, reads), behind);
    this.#answered.fill(
      share(answered, answered + failed),
      failed > 0 ? mainError(figures) : `${Math.round((answered + failed) / SUMMARY_SECONDS)} a second`,
    );
    this.#showWould(would);
    this.#vouched.fill(share(guarantees.linearizable ?? 0, answered), restOf(figures));
  }

  #showWould(would: WouldHave): void {
    this.#latency.ghost(place(would.p50), place(would.p99), `would ${milliseconds(would.p50)}`);
    this.#stale.ghost(0, would.staleShare, `would ${percent(would.staleShare)}${predicted(would)}`);
    this.#answered.ghost(0, would.answeredShare, `would ${percent(would.answeredShare)}`);
  }
}

/** By probabilistically bounded staleness, give or take its calibration error. */
function predicted({ predictedStaleShare, calibrationError }: WouldHave): string {
  if (predictedStaleShare === undefined) return '';
  const off = calibrationError === undefined ? '' : ` ± ${percent(calibrationError).replace(' %', '')}`;
  return `, predicted ${percent(predictedStaleShare).replace(' %', '')}${off} %`;
}

/** A track with a bar on it, the number, and a remark. */
class Meter {
  readonly #bar = el('i', { class: 'bar' });
  readonly #mark = el('i', { class: 'mark' });
  readonly #ghost = el('i', { class: 'ghost', hidden: true });
  readonly #would = el('small', { class: 'would' });
  readonly #number = el('b');
  readonly #remark = el('small');
  readonly root;

  constructor(kind: 'latency' | 'share') {
    const track = el(
      'span',
      { class: 'track', 'aria-hidden': 'true' },
      this.#bar,
      this.#ghost,
      ...(kind === 'latency' ? [this.#mark] : []),
    );
    this.root = el(
      'span',
      { class: `meter ${kind}`, role: 'cell' },
      track,
      this.#number,
      ' ',
      this.#remark,
      this.#would,
    );
  }

  range(from: number | undefined, to: number | undefined, text: string, remark: string): void {
    const isKnown = from !== undefined && to !== undefined;
    this.#bar.style.left = `${(from ?? 0) * 100}%`;
    this.#bar.style.width = isKnown ? `${Math.max(0.012, to - from) * 100}%` : '0';
    this.#mark.style.left = `${(from ?? 0) * 100}%`;
    set(this.#mark, { hidden: !isKnown });
    say(this.#number, text);
    say(this.#remark, remark);
  }

  /** Drawn hollow over the bar: what would have been. */
  ghost(from: number | undefined, to: number | undefined, text: string): void {
    const isKnown = from !== undefined && to !== undefined;
    set(this.#ghost, { hidden: !isKnown || to === 0 });
    say(this.#would, isKnown ? text : '');
    set(this.#would, { title: isKnown ? text : undefined });
    if (!isKnown) return;
    this.#ghost.style.left = `${from * 100}%`;
    this.#ghost.style.width = `${Math.max(0.01, to - from) * 100}%`;
  }

  fill(part: number | undefined, remark: string): void {
    this.#bar.style.width = `${(part ?? 0) * 100}%`;
    say(this.#number, percent(part));
    say(this.#remark, remark);
  }
}

function place(ms: number | undefined): number | undefined {
  if (ms === undefined) return undefined;
  const at = Math.log(ms / AXIS_FROM_MS) / Math.log(AXIS_TO_MS / AXIS_FROM_MS);
  return Math.min(1, Math.max(0, at));
}

function mainError({ errors, failed }: LevelFigures): string {
  const [first] = Object.entries(errors).sort(([, a], [, b]) => b - a);
  return first === undefined ? '' : `${failed} ${first[0].toLowerCase().replaceAll('_', ' ')}`;
}

/** What the other receipts said. */
function restOf({ answered, degraded, guarantees }: LevelFigures): string {
  if (degraded > 0) return `${Math.round((100 * degraded) / answered)} % degraded`;
  const others = (['quorum', 'eventual'] as const).filter((name) => (guarantees[name] ?? 0) > 0);
  return others.length === 0 ? '' : `else ${others.join(', ')}`;
}

function latencyScale(): HTMLElement {
  const ticks = TICKS_MS.map((ms) => {
    const tick = el('i', {}, ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`);
    tick.style.left = `${(place(ms) ?? 0) * 100}%`;
    return tick;
  });
  return el('span', { class: 'ticks' }, ...ticks);
}

function shareScales(): HTMLElement[] {
  return [0, 1, 2].map(() => {
    const ends = [0, 1].map((at) => {
      const tick = el('i', {}, `${at * 100} %`);
      tick.style.left = `${at * 100}%`;
      return tick;
    });
    return el('span', { class: 'ticks' }, ...ends);
  });
}
