/** What a request says about how old its answer may be: Cache-Control of RFC 9111, section 5.2.1. */

export interface CacheDirectives {
  /** Nothing is to be given without asking the cluster. */
  readonly noCache: boolean;
  /** Nothing of this answer is to be kept. */
  readonly noStore: boolean;
  /** The cluster is not to be asked. */
  readonly onlyIfCached: boolean;
  /** The most that an answer's age may be. */
  readonly maxAgeMs: number | undefined;
  /** How long the answer is to stay fresh. */
  readonly minFreshMs: number | undefined;
  /** How far beyond its freshness an answer may be; Infinity: any. */
  readonly maxStaleMs: number | undefined;
}

/** Directives that it does not know, or whose argument makes no sense, are passed over, as the RFC wants it. */
export function directivesOf(cacheControl: string | undefined, pragma?: string): CacheDirectives {
  const given = new Map<string, string>();
  for (const one of (cacheControl ?? '').split(',')) {
    const [, name, argument] = /^\s*([\w-]+)(?:="?([^"]*)"?)?\s*$/.exec(one) ?? [];
    if (name !== undefined && !given.has(name.toLowerCase())) given.set(name.toLowerCase(), argument ?? '');
  }
  const isOldNoCache = cacheControl === undefined && /\bno-cache\b/i.test(pragma ?? '');
  return {
    noCache: given.has('no-cache') || isOldNoCache,
    noStore: given.has('no-store'),
    onlyIfCached: given.has('only-if-cached'),
    maxAgeMs: millisecondsOf(given.get('max-age')),
    minFreshMs: millisecondsOf(given.get('min-fresh')),
    maxStaleMs: given.get('max-stale') === '' ? Infinity : millisecondsOf(given.get('max-stale')),
  };
}

/**
 * How old what is kept may be for such a request, in milliseconds, where `freshMs` is how long a value stays fresh;
 * undefined: the request leaves it to the cache.
 */
export function ageAllowedMs(directives: CacheDirectives, freshMs: number): number | undefined {
  const { noCache, maxAgeMs, minFreshMs, maxStaleMs } = directives;
  if (noCache) return 0;
  if (maxAgeMs === undefined && minFreshMs === undefined && maxStaleMs === undefined) return undefined;
  const lasting = Math.max(0, freshMs + (maxStaleMs ?? 0) - (minFreshMs ?? 0));
  return Math.min(lasting, maxAgeMs === undefined ? Infinity : maxAgeMs + (maxStaleMs ?? 0));
}

function millisecondsOf(seconds: string | undefined): number | undefined {
  return seconds !== undefined && /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}
