/** How long values stay fresh at the edge, and how that is told to the caches behind it (RFC 9111 and RFC 5861). */

export interface FreshnessOptions {
  /** How long a value is given without asking, in milliseconds. */
  readonly freshMs: number;
  /** How much longer it is given while it is asked for again behind the answer. */
  readonly refreshMs: number;
  /** How old it may be where the cluster cannot answer. */
  readonly fallbackMs: number;
}

export interface Freshness extends FreshnessOptions {
  /** The header that says so, in whole seconds. */
  readonly cacheControl: string;
}

export function freshnessOf({ freshMs, refreshMs, fallbackMs }: FreshnessOptions): Freshness {
  const parts = [`public, max-age=${seconds(freshMs)}`];
  if (refreshMs >= 1_000) parts.push(`stale-while-revalidate=${seconds(refreshMs)}`);
  const beyondMs = fallbackMs - freshMs;
  if (beyondMs >= 1_000) parts.push(`stale-if-error=${seconds(beyondMs)}`);
  return { freshMs, refreshMs, fallbackMs, cacheControl: parts.join(', ') };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
