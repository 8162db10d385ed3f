/**
 * The shortest stretch of a key's history that cannot be explained whatever the key held when it began.
 *
 * A stretch keeps what lies inside it; a mutation that crosses its edge may have taken effect on either side,
 * so it becomes optional; a look that crosses is left out. A stretch of a linearizable history is linearizable
 * from some value, so both edges can be found by bisection.
 */
import { explain, type Before } from './explainable.js';
import type { Call } from './call.js';
import { isMutation, writtenValue } from './operation.js';
import type { VersionFacts } from './version-facts.js';
import type { Counterexample, WindowOperation } from './verdict.js';

/** Larger stretches are shown as they are: nobody reads them, and trying every call would take long. */
const THIN_CALLS_MAX = 120;
const SLIDE_CALLS_MAX = 60;
/** Configurations for each attempt at something smaller; what is undecided then is not made smaller. */
const ATTEMPT_BUDGET = 20_000;

/** Of calls that cannot be explained from `before`. */
export function offendingWindow(
  key: string,
  calls: readonly Call[],
  facts: VersionFacts,
  before: Before,
): Counterexample {
  const shrinker = new Shrinker(calls, facts);
  const to = shrinker.firstEnd(before);
  const from = shrinker.lastStart(to);
  const stretch = from === undefined ? { from: -Infinity, to, before } : { from, to, before: 'any value' as const };
  return shrinker.thin(key, stretch.before === 'any value' ? shrinker.slide(stretch) : stretch);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly before: Before;
}

class Shrinker {
  readonly #calls: readonly Call[];
  readonly #facts: VersionFacts;
  readonly #starts: readonly number[];
  readonly #ends: readonly number[];
  /** For each place in #calls: the latest end of a binding call up to there. */
  readonly #latestEnd: number[] = [];

  constructor(calls: readonly Call[], facts: VersionFacts) {
    this.#calls = calls;
    this.#facts = facts;
    const binding = calls.filter((call) => call.binding);
    this.#starts = [-Infinity, ...binding.map(({ start }) => start)];
    this.#ends = binding.map(({ end }) => end).sort((a, b) => a - b);
    let latest = -Infinity;
    for (const { binding: binds, end } of calls)
      this.#latestEnd.push((latest = binds ? Math.max(latest, end) : latest));
  }

  /** The end of the call with which the history stops being explainable. */
  firstEnd(before: Before): number {
    const place = leastThat(this.#ends.length - 1, (at) =>
      this.#isInvalid({ from: -Infinity, to: this.#ends[at]!, before }),
    );
    return this.#ends[place]!;
  }

  /** The latest beginning from which it is not explainable whatever was there; undefined if there is none. */
  lastStart(to: number): number | undefined {
    if (!this.#isInvalid({ from: -Infinity, to, before: 'any value' })) return undefined;
    const last = this.#starts.length - 1;
    const dropped = leastThat(last, (back) =>
      this.#isInvalid({ from: this.#starts[last - back]!, to, before: 'any value' }),
    );
    return this.#starts[last - dropped]!;
  }

  /** A shorter stretch further on, if there is one. */
  slide(found: Stretch): Stretch {
    let best = found;
    let size = this.#inside(found).length;
    if (size > SLIDE_CALLS_MAX) return best;
    for (let first = this.#starts.indexOf(found.from) + 1; first < this.#starts.length && size > 2; first += 1) {
      for (;;) {
        const shorter = this.#stretchOf(first, size - 1);
        if (shorter === undefined || !this.#isInvalid(shorter)) break;
        best = shorter;
        size -= 1;
      }
    }
    return best;
  }

  /** The operations of a stretch, with what each is needed for. */
  thin(key: string, stretch: Stretch): Counterexample {
    const kept = this.#cut(stretch);
    const binding = kept.filter((call) => call.binding);
    const offending = binding.reduce((last, call) => (call.end > last.end ? call : last), binding[0]!);
    const spared = new Set<Call>();
    const needed = new Set(binding);
    if (needed.size <= THIN_CALLS_MAX) {
      for (const call of [...needed]) {
        if (call === offending) continue;
        spared.add(call);
        const rest = kept.flatMap((other) => (spared.has(other) ? (other.looks ? [] : [optional(other)]) : [other]));
        if (explain(rest, this.#facts, stretch.before, ATTEMPT_BUDGET, stretch.from).outcome === 'invalid')
          needed.delete(call);
        else spared.delete(call);
      }
    }
    const seen = new Set([...needed].flatMap(({ operation: { version, value } }) => [version, value]));
    const operations = kept.flatMap((call): WindowOperation[] => {
      const { operation } = call;
      if (call === offending) return [{ operation, role: 'offending' }];
      if (needed.has(call)) return [{ operation, role: 'needed' }];
      const related = isMutation(operation) && (seen.has(operation.version) || seen.has(writtenValue(operation)));
      if (!call.binding) return related || call.start >= stretch.from ? [{ operation, role: 'possible' }] : [];
      return [{ operation, role: 'bystander' }];
    });
    return { key, before: stretch.before, operations };
  }

  /** Up to the end of the call that completes `size` binding calls inside, beginning with call `first`. */
  #stretchOf(first: number, size: number): Stretch | undefined {
    const from = this.#starts[first]!;
    const ends: number[] = [];
    for (let i = this.#placeOf(from); i < this.#calls.length; i += 1) {
      const { start, end, binding } = this.#calls[i]!;
      if (ends.length >= size && start > ends[size - 1]!) break;
      if (!binding) continue;
      ends.push(end);
      ends.sort((a, b) => a - b);
      if (ends.length > size) ends.pop();
    }
    return ends.length < size ? undefined : { from, to: ends[size - 1]!, before: 'any value' };
  }

  #isInvalid(stretch: Stretch): boolean {
    return explain(this.#cut(stretch), this.#facts, stretch.before, ATTEMPT_BUDGET, stretch.from).outcome === 'invalid';
  }

  #inside({ from, to }: Stretch): Call[] {
    return this.#calls.filter(({ binding, start, end }) => binding && start >= from && end <= to);
  }

  #cut({ from, to }: Stretch): Call[] {
    const cut: Call[] = [];
    const place = this.#placeOf(from);
    let i = place;
    for (; i < this.#calls.length && this.#calls[i]!.start < to; i += 1) {
      const call = this.#calls[i]!;
      if (!call.binding || call.end <= to) cut.push(call);
      else if (!call.looks) cut.push(optional(call));
    }
    const crossing: Call[] = [];
    for (const call of this.#optionalBefore(place)) crossing.push(call);
    for (i = place - 1; i >= 0 && this.#latestEnd[i]! >= from; i -= 1) {
      const call = this.#calls[i]!;
      if (call.binding && call.end >= from && !call.looks) crossing.push(optional(call));
    }
    return [...crossing.sort((a, b) => a.start - b.start), ...cut];
  }

  #optionalBefore(place: number): Call[] {
    const calls: Call[] = [];
    for (let i = 0; i < place; i += 1) if (!this.#calls[i]!.binding) calls.push(this.#calls[i]!);
    return calls;
  }

  #placeOf(from: number): number {
    return from === -Infinity
      ? 0
      : leastThat(this.#calls.length, (at) => at === this.#calls.length || this.#calls[at]!.start >= from);
  }
}

function optional(call: Call): Call {
  return { ...call, binding: false, end: Infinity };
}

/** The least number up to `last` with a property that all numbers after it have too. It is not asked about `last`. */
function leastThat(last: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}
