/** What a history shows over time: how many calls were answered, how fast, and how stale. */
import { Histogram } from '../measure/histogram.js';
import type { Operation } from '../checkers/operation.js';
import { readAges } from '../staleness.js';
import { groupOf } from './callers.js';

/** One stretch of time, by the end of the calls. */
export interface Moment {
  /** Its middle, in seconds from the start. */
  readonly atS: number;
  readonly calls: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Share of calls that were answered ok or with a condition that did not hold, 0 to 1; null: no calls. */
  readonly availability: Readonly<Record<string, number | null>>;
  /** Of reads; null: none were answered. */
  readonly staleShare: number | null;
  readonly staleMaxMs: number | null;
}

export interface Totals {
  readonly calls: number;
  readonly answered: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly staleReads: number;
  readonly reads: number;
  readonly staleMaxMs: number;
}

export interface Measured {
  readonly totals: Totals;
  readonly groups: readonly string[];
  readonly moments: readonly Moment[];
}

const BUCKET_MS = 500;

/** Operations that ended between the two moments; final reads are left out. */
export function measure(operations: readonly Operation[], fromMs: number, toMs: number): Measured {
  const judged = operations.filter(({ endMs, final }) => !final && endMs >= fromMs && endMs < toMs);
  const ages = new Map(readAges(operations).map(({ read, staleMs }) => [read, staleMs]));
  const groups = [...new Set(judged.map(({ process }) => groupOf(process)))].sort();
  const buckets: Operation[][] = Array.from({ length: Math.ceil((toMs - fromMs) / BUCKET_MS) }, () => []);
  for (const one of judged) buckets[Math.floor((one.endMs - fromMs) / BUCKET_MS)]?.push(one);
  const moments = buckets.map((ended, index) => momentOf((index + 0.5) * BUCKET_MS, ended, groups, ages));
  return { totals: totalsOf(judged, ages, toMs - fromMs), groups, moments };
}

function momentOf(
  atMs: number,
  ended: readonly Operation[],
  groups: readonly string[],
  ages: ReadonlyMap<Operation, number>,
): Moment {
  const latency = latencyOf(ended);
  const stale = stalenessOf(ended, ages);
  const availability = groups.map((group) => [group, share(ended.filter(({ process }) => groupOf(process) === group))]);
  return {
    atS: atMs / 1_000,
    calls: ended.length,
    failed: ended.length - ended.filter(isAnswered).length,
    p50Ms: latency.count === 0 ? null : latency.percentileMs(50),
    p99Ms: latency.count === 0 ? null : latency.percentileMs(99),
    availability: Object.fromEntries([['all', share(ended)], ...availability]) as Record<string, number | null>,
    staleShare: stale.reads === 0 ? null : stale.staleReads / stale.reads,
    staleMaxMs: stale.reads === 0 ? null : stale.staleMaxMs,
  };
}

function totalsOf(ended: readonly Operation[], ages: ReadonlyMap<Operation, number>, lengthMs: number): Totals {
  const latency = latencyOf(ended);
  return {
    calls: ended.length,
    answered: ended.filter(isAnswered).length,
    callsPerSecond: ended.length / (lengthMs / 1_000),
    p50Ms: latency.percentileMs(50),
    p99Ms: latency.percentileMs(99),
    ...stalenessOf(ended, ages),
  };
}

/** A condition that did not hold is an answer. */
export function isAnswered({ outcome, code }: Operation): boolean {
  return outcome === 'ok' || code === 'CONDITION_FAILED';
}

export function latencyOf(ended: readonly Operation[]): Histogram {
  const histogram = new Histogram();
  for (const one of ended) if (isAnswered(one)) histogram.record(one.endMs - one.startMs);
  return histogram;
}

export function stalenessOf(
  ended: readonly Operation[],
  ages: ReadonlyMap<Operation, number>,
): Pick<Totals, 'reads' | 'staleReads' | 'staleMaxMs'> {
  const staleMs = ended.map((one) => ages.get(one)).filter((age) => age !== undefined);
  return {
    reads: staleMs.length,
    staleReads: staleMs.filter((ms) => ms > 0).length,
    staleMaxMs: staleMs.reduce((most, ms) => Math.max(most, ms), 0),
  };
}

function share(ended: readonly Operation[]): number | null {
  return ended.length === 0 ? null : ended.filter(isAnswered).length / ended.length;
}
