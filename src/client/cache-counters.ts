/** How a near cache did. */
import type { Bounds, CachedValues } from './cached-values.js';

/** Each call of `get` counts as exactly one of these. */
const LOOKUPS = ['hits', 'refreshing', 'shared', 'revalidated', 'stale', 'misses', 'fallbacks', 'failed'] as const;
export type Lookup = (typeof LOOKUPS)[number];

export interface CacheStats {
  /** Given from this process, nobody was asked. */
  readonly hits: number;
  /** Given at once although too old, and asked again behind the answer. */
  readonly refreshing: number;
  /** Joined in a question that another call had asked already. */
  readonly shared: number;
  /** Too old, and still current: no value was sent. */
  readonly revalidated: number;
  /** Too old, and the key had changed. */
  readonly stale: number;
  /** Not there. */
  readonly misses: number;
  /** Too old, and given because the cluster could not answer. */
  readonly fallbacks: number;
  /** The cluster could not answer, or the caller gave it up, and there was nothing to fall back to. */
  readonly failed: number;
  /** What was given at once among all lookups, 0 to 1; 0 before the first. */
  readonly hitRatio: number;
  /** Dropped for want of room. */
  readonly evicted: number;
  readonly entries: number;
  readonly bytes: number;
}

const MEANINGS: Readonly<Record<Lookup, string>> = {
  hits: 'given at once',
  refreshing: 'given at once, asked again behind',
  shared: 'joined a question under way',
  revalidated: 'asked, unchanged: no value sent',
  stale: 'asked, changed',
  misses: 'not there: fetched',
  fallbacks: 'the cluster could not answer',
  failed: 'nothing to give',
};

export class CacheCounters {
  readonly #counts: Record<Lookup, number> = {
    hits: 0,
    refreshing: 0,
    shared: 0,
    revalidated: 0,
    stale: 0,
    misses: 0,
    fallbacks: 0,
    failed: 0,
  };

  count(lookup: Lookup): void {
    this.#counts[lookup] += 1;
  }

  stats(values: CachedValues): CacheStats {
    const all = this.#all;
    const hitRatio = all === 0 ? 0 : (this.#counts.hits + this.#counts.refreshing) / all;
    return { ...this.#counts, hitRatio, evicted: values.evicted, entries: values.size, bytes: values.bytes };
  }

  report(values: CachedValues, { maxEntries, maxBytes }: Bounds): string {
    const { hitRatio, evicted, entries, bytes } = this.stats(values);
    const lines = LOOKUPS.map((name) => {
      const count = this.#counts[name];
      return `  ${name.padEnd(12)}${String(count).padStart(9)}  ${MEANINGS[name]}`;
    });
    return [
      `near cache: ${(hitRatio * 100).toFixed(1)} % of ${this.#all} lookups were hits`,
      ...lines,
      `  ${entries} of ${maxEntries} entries, ${kib(bytes)} of ${kib(maxBytes)} KiB, ${evicted} evicted`,
    ].join('\n');
  }

  get #all(): number {
    return LOOKUPS.reduce((sum, name) => sum + this.#counts[name], 0);
  }
}

function kib(bytes: number): string {
  return (bytes / 1_024).toFixed(0);
}
