/**
 * Probabilistically bounded staleness (Bailis, Venkataraman, Franklin, Hellerstein and Stoica 2012): how likely a
 * read misses a write that was acknowledged so long before, from how long messages take.
 *
 * A write reaches a replica after W and its acknowledgement comes back after A; a read reaches a replica after R and
 * its answer comes back after S. The write is acknowledged at the k-th smallest W + A; a read that begins t later
 * hears the replicas with the smallest R + S, and misses the write where at each of them W > acknowledged + t + R.
 * So each draw of delays gives one time below which the read is stale, and the share of draws above t is the chance.
 */
import { LEVELS, requiredReplicas, type Level } from './level.js';

/** One message and its answer, in milliseconds; `there` is Infinity where no answer came. */
export interface Delay {
  readonly there: number;
  readonly back: number;
}

/** Delays of the home replicas of one key, that of the read's coordinator first, in one order for both. */
export interface Draw {
  /** Acknowledgements before the write was answered. */
  readonly required: number;
  readonly writes: readonly Delay[];
  readonly reads: readonly Delay[];
}

/**
 * Splits a measured exchange into its legs: the way there takes half of what a bare message takes there and back. What
 * the replica does, the disk included, comes after: a read that finds a write there waits for it to be durable.
 */
export function delayOf(totalMs: number, roundTripMs: number): Delay {
  const there = Math.min(roundTripMs, totalMs) / 2;
  return { there, back: totalMs - there };
}

/** The time since the acknowledgement below which the read misses the write; 0 or less: never, or there is no answer. */
export function staleBelowMs({ required, writes, reads }: Draw, heard: number): number {
  const acknowledgedMs = writes.map(({ there, back }) => there + back).sort(ascending)[required - 1];
  if (acknowledgedMs === undefined || acknowledgedMs === Infinity) return 0;
  const answers = reads.map(({ there, back }, index) => ({ index, there, total: there + back }));
  // A read counts its own replica, and then whoever answers first.
  const others = answers.slice(1).sort((a, b) => ascending(a.total, b.total));
  const counted = [answers[0]!, ...others.slice(0, heard - 1)];
  if (counted.some(({ total }) => total === Infinity)) return 0;
  return Math.min(...counted.map(({ index, there }) => writes[index]!.there - there)) - acknowledgedMs;
}

export class BoundedStaleness {
  /** Rising times of {@link staleBelowMs}, for each level. */
  readonly #times: Readonly<Record<Level, Float64Array>>;

  constructor(draws: readonly Draw[]) {
    const of = (level: Level): Float64Array =>
      Float64Array.from(draws, (draw) => staleBelowMs(draw, requiredReplicas(level, draw.reads.length))).sort();
    this.#times = Object.fromEntries(LEVELS.map((level) => [level, of(level)])) as Record<Level, Float64Array>;
  }

  /** How likely a read at this level misses a write that was acknowledged so long before it began. */
  chance(level: Level, msAgo: number): number {
    const times = this.#times[level];
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle]! > msAgo) high = middle;
      else low = middle + 1;
    }
    return times.length === 0 ? 0 : (times.length - low) / times.length;
  }
}

/** Infinity is equal to itself. */
function ascending(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
