/**
 * How the edge cache does, from its lookups alone, in bounded memory: how much it gives by itself, what that saves, what
 * it costs in time not to, which keys it is about, and how often a value of a given age turned out to have changed. The
 * last is what a longer or shorter `max-age` should be judged by.
 */
import { LatencyDigest } from '../client/resilience/latency-digest.js';
import { SlidingSlices } from '../core/sliding-slices.js';
import { isGiven, OUTCOMES, type Outcome } from './cache-lookup.js';
import { HotKeys, type HotKey } from './hot-keys.js';

export interface Lookup {
  readonly key: string;
  readonly outcome: Outcome;
  /** How old what was held of the key was; undefined where nothing was. */
  readonly heldAgeMs: number | undefined;
  /** Of the answer's body; 0 where there is none. */
  readonly bytes: number;
  readonly tookMs: number;
}

export type Counts = Readonly<Record<Outcome, number>>;

/** What was held at such an age, and was asked for. */
export interface AgeBand {
  /** Up to this age, in milliseconds; null: any. */
  readonly upToMs: number | null;
  readonly asked: number;
  /** How many of those had changed. */
  readonly changed: number;
}

export interface CacheReport {
  readonly lookups: Counts;
  /** Answers that did not wait for the cluster, among all; 0 before the first. */
  readonly hitRatio: number;
  /** The same by bytes of their bodies. */
  readonly byteHitRatio: number;
  readonly bytes: number;
  /** Bytes of values that the cluster did not have to send. */
  readonly bytesSaved: number;
  /** Of the last five minutes, in milliseconds; absent where there was none. */
  readonly latency: { readonly given: Quantiles | undefined; readonly asked: Quantiles | undefined };
  readonly ages: readonly AgeBand[];
  /** By the key up to its first slash; the most frequent, at most 20. */
  readonly prefixes: readonly HotKey[];
  readonly keys: readonly HotKey[];
  /** The last five minutes, the oldest first, each of {@link SLICE_MS}. */
  readonly timeline: readonly Counts[];
}

export interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const SLICE_MS = 5_000;
const SLICES = 60;
const WINDOW = { windowMs: SLICE_MS * SLICES, slices: SLICES };
const AGES_MS = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000] as const;
const KEYS_WATCHED = 256;
const KEYS_TOLD = 20;

export class CacheAnalytics {
  readonly #counts = noCounts();
  readonly #slices = Array.from({ length: SLICES }, noCounts);
  readonly #window = new SlidingSlices(WINDOW.windowMs, SLICES, (index) => {
    this.#slices[index] = noCounts();
  });
  readonly #given = new LatencyDigest(WINDOW);
  readonly #asked = new LatencyDigest(WINDOW);
  readonly #ages = [...AGES_MS, null].map((upToMs) => ({ upToMs, asked: 0, changed: 0 }));
  readonly #keys = new HotKeys(KEYS_WATCHED);
  readonly #prefixes = new HotKeys(KEYS_WATCHED);
  #bytes = 0;
  #bytesGiven = 0;
  #bytesSaved = 0;

  /** `nowMs`: of the monotonic clock. */
  record(lookup: Lookup, nowMs: number): void {
    const { key, outcome, bytes, tookMs } = lookup;
    this.#counts[outcome] += 1;
    this.#slices[this.#window.at(nowMs)]![outcome] += 1;
    this.#bytes += bytes;
    if (isGiven(outcome)) this.#bytesGiven += bytes;
    if (isGiven(outcome) || outcome === 'revalidated' || outcome === 'fallback') this.#bytesSaved += bytes;
    if (outcome !== 'failed') (isGiven(outcome) ? this.#given : this.#asked).record(tookMs, nowMs);
    this.#recordAge(lookup);
    this.#keys.add(key, isGiven(outcome));
    this.#prefixes.add(prefixOf(key), isGiven(outcome));
  }

  report(nowMs: number): CacheReport {
    const current = this.#window.at(nowMs);
    const lookups = OUTCOMES.reduce((sum, outcome) => sum + this.#counts[outcome], 0);
    return {
      lookups: { ...this.#counts },
      hitRatio: ratio(this.#counts.hit + this.#counts.refreshing, lookups),
      byteHitRatio: ratio(this.#bytesGiven, this.#bytes),
      bytes: this.#bytes,
      bytesSaved: this.#bytesSaved,
      latency: { given: quantiles(this.#given, nowMs), asked: quantiles(this.#asked, nowMs) },
      ages: this.#ages.map((age) => ({ ...age })),
      prefixes: this.#prefixes.top(KEYS_TOLD),
      keys: this.#keys.top(KEYS_TOLD),
      timeline: this.#slices.map((_, index) => ({ ...this.#slices[(current + 1 + index) % SLICES]! })),
    };
  }

  #recordAge({ outcome, heldAgeMs }: Lookup): void {
    if (heldAgeMs === undefined || (outcome !== 'revalidated' && outcome !== 'changed')) return;
    const age = this.#ages.find(({ upToMs }) => upToMs === null || heldAgeMs <= upToMs)!;
    age.asked += 1;
    if (outcome === 'changed') age.changed += 1;
  }
}

function prefixOf(key: string): string {
  const end = key.indexOf('/');
  return end < 0 ? '(no slash)' : key.slice(0, end + 1);
}

function noCounts(): Record<Outcome, number> {
  return { hit: 0, refreshing: 0, shared: 0, revalidated: 0, changed: 0, miss: 0, fallback: 0, bypass: 0, failed: 0 };
}

function ratio(part: number, all: number): number {
  return all === 0 ? 0 : part / all;
}

function quantiles(digest: LatencyDigest, nowMs: number): Quantiles | undefined {
  const [p50Ms, p99Ms] = [digest.quantile(0.5, nowMs), digest.quantile(0.99, nowMs)];
  return p50Ms === undefined || p99Ms === undefined ? undefined : { p50Ms, p99Ms };
}
