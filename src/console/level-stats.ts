/** What the callers saw at each level: second by second for the charts, and over the last seconds for the summary. */
import type { ErrorCode } from '../core/errors.js';
import { LEVELS, type Level } from '../core/level.js';
import type { Guarantee, Receipt } from '../core/receipt.js';
import type { LevelFigures, PerLevel, SecondView } from './api.js';

/** How much of the past the charts show, and the summary sums up. */
export const HISTORY_SECONDS = 180;
const SUMMARY_SECONDS = 10;
/** Latencies kept of one level in one second: beyond it, every further one takes the place of an older one. */
const SAMPLES_MAX = 512;

/** How far behind a stale read was. */
export interface Lag {
  readonly versions: number;
  readonly ms: number;
}

export class LevelStats {
  #current = emptySecond();
  readonly #past: { readonly atMs: number; readonly levels: PerLevel<Tally> }[] = [];

  answered(level: Level, receipt: Receipt, latencyMs: number, lag?: Lag): void {
    const tally = this.#current[level];
    tally.latencies[tally.answered % SAMPLES_MAX] = latencyMs;
    tally.answered += 1;
    if (receipt.degraded) tally.degraded += 1;
    if (receipt.operation === 'get') tally.reads += 1;
    tally.guarantees[receipt.guarantee] = (tally.guarantees[receipt.guarantee] ?? 0) + 1;
    if (lag === undefined) return;
    tally.stale += 1;
    tally.staleVersions += lag.versions;
    tally.staleMs += lag.ms;
  }

  failed(level: Level, code: ErrorCode): void {
    const tally = this.#current[level];
    tally.failed += 1;
    tally.errors[code] = (tally.errors[code] ?? 0) + 1;
  }

  /** Ends the current second and returns it. */
  closeSecond(atMs: number): SecondView {
    const closed = { atMs, levels: this.#current };
    this.#current = emptySecond();
    this.#past.push(closed);
    if (this.#past.length > HISTORY_SECONDS) this.#past.shift();
    return viewOf(closed);
  }

  history(): SecondView[] {
    return this.#past.map(viewOf);
  }

  summary(): PerLevel<LevelFigures> {
    const recent = this.#past.slice(-SUMMARY_SECONDS);
    return perLevel((level) => figuresOf(recent.map((second) => second.levels[level])));
  }
}

interface Tally {
  answered: number;
  failed: number;
  degraded: number;
  reads: number;
  stale: number;
  staleVersions: number;
  staleMs: number;
  readonly latencies: number[];
  readonly errors: Partial<Record<ErrorCode, number>>;
  readonly guarantees: Partial<Record<Guarantee, number>>;
}

function emptySecond(): PerLevel<Tally> {
  return perLevel(() => ({
    answered: 0,
    failed: 0,
    degraded: 0,
    reads: 0,
    stale: 0,
    staleVersions: 0,
    staleMs: 0,
    latencies: [],
    errors: {},
    guarantees: {},
  }));
}

export function perLevel<T>(make: (level: Level) => T): PerLevel<T> {
  return Object.fromEntries(LEVELS.map((level) => [level, make(level)])) as Record<Level, T>;
}

function viewOf({ atMs, levels }: { readonly atMs: number; readonly levels: PerLevel<Tally> }): SecondView {
  return { atMs, levels: perLevel((level) => figuresOf([levels[level]])) };
}

function figuresOf(tallies: readonly Tally[]): LevelFigures {
  const sum = (read: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + read(tally), 0);
  const latencies = tallies.flatMap((tally) => tally.latencies).sort((a, b) => a - b);
  const stale = sum((tally) => tally.stale);
  return {
    answered: sum((tally) => tally.answered),
    failed: sum((tally) => tally.failed),
    degraded: sum((tally) => tally.degraded),
    reads: sum((tally) => tally.reads),
    stale,
    staleVersions: stale === 0 ? undefined : round(sum((tally) => tally.staleVersions) / stale),
    staleMs: stale === 0 ? undefined : round(sum((tally) => tally.staleMs) / stale),
    p50: percentile(latencies, 0.5),
    p90: percentile(latencies, 0.9),
    p99: percentile(latencies, 0.99),
    errors: counted(tallies.map((tally) => tally.errors)),
    guarantees: counted(tallies.map((tally) => tally.guarantees)),
  };
}

function counted<K extends string>(counts: readonly Partial<Record<K, number>>[]): Partial<Record<K, number>> {
  const total: Partial<Record<K, number>> = {};
  for (const one of counts) {
    for (const [name, count] of Object.entries(one) as [K, number][]) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

/** The value below which the share `q` of them lies, nearest rank. */
export function percentile(sorted: readonly number[], q: number): number | undefined {
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  return value === undefined ? undefined : round(value);
}

/** Sent every second: hundredths are enough. */
const round = (value: number): number => Math.round(value * 100) / 100;
