/**
 * How stale reads were, in hindsight: a read is stale where it shows a value although a later write of its key had been
 * acknowledged before the read began. Later means: begun after the write of the shown value had ended. What overlaps is
 * no witness, so that the figure is never too high.
 */
import {
  byKey,
  isAcknowledged,
  isMutation,
  mayHaveApplied,
  writtenValue,
  type Operation,
} from './checkers/operation.js';

export interface ReadAge {
  readonly read: Operation;
  /** Since when something newer could have been shown, in milliseconds before the read began; 0: it was fresh. */
  readonly staleMs: number;
}

/** One for each read that was answered and whose value can be told. */
export function readAges(operations: readonly Operation[]): ReadAge[] {
  return [...byKey(operations).values()].flatMap(agesOfKey);
}

function agesOfKey(ofKey: readonly Operation[]): ReadAge[] {
  const writes = ofKey.filter(mayHaveApplied);
  const later = new EarliestEnds(writes.filter((one) => isAcknowledged(one) && one.receipt?.superseded !== true));
  const writers = new Map<string | null, Operation[]>();
  for (const write of writes) {
    const value = writtenValue(write);
    if (value === undefined) continue;
    const list = writers.get(value);
    if (list === undefined) writers.set(value, [write]);
    else list.push(write);
  }
  return ofKey.flatMap((read): ReadAge[] => {
    if (isMutation(read) || read.outcome !== 'ok' || read.value === undefined) return [];
    const shown = lastEnd(writers.get(read.value) ?? [], read);
    if (shown === undefined) return [];
    const since = later.after(shown);
    return [{ read, staleMs: Math.max(0, read.startMs - since) }];
  });
}

/** By when the value that a read shows had been written, at the latest; undefined: nobody knows who wrote it. */
function lastEnd(writers: readonly Operation[], read: Operation): number | undefined {
  const before = writers.filter(({ startMs }) => startMs <= read.endMs);
  if (before.length > 0) return Math.max(...before.map(({ outcome, endMs }) => (outcome === 'ok' ? endMs : Infinity)));
  return read.value === null ? -Infinity : undefined;
}

/** Of writes that began after a moment, when the first one had ended. */
class EarliestEnds {
  readonly #starts: readonly number[];
  readonly #ends: number[];

  constructor(writes: readonly Operation[]) {
    const byStart = [...writes].sort((a, b) => a.startMs - b.startMs);
    this.#starts = byStart.map(({ startMs }) => startMs);
    this.#ends = byStart.map(({ endMs }) => endMs);
    for (let at = this.#ends.length - 2; at >= 0; at -= 1) {
      this.#ends[at] = Math.min(this.#ends[at]!, this.#ends[at + 1]!);
    }
  }

  after(moment: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= moment) low = middle + 1;
      else high = middle;
    }
    return this.#ends[low] ?? Infinity;
  }
}
