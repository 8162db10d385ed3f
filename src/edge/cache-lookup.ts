/** What became of one lookup in the edge cache, and how the answer says so (Cache-Status, RFC 9211). */
import type { CacheSource } from '../client/near-cache.js';

/**
 * `hit`: fresh, nobody was asked. `refreshing`: too old, given at once and asked for again behind the answer. `shared`:
 * joined a question under way. `revalidated`: held, asked, unchanged. `changed`: held, asked, another value. `miss`: not
 * there. `fallback`: too old, given because the cluster could not answer. `bypass`: the request wanted nothing kept.
 * `failed`: nothing to give.
 */
export const OUTCOMES = [
  'hit',
  'refreshing',
  'shared',
  'revalidated',
  'changed',
  'miss',
  'fallback',
  'bypass',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** Of a read that had something to give. */
export type Answered = Exclude<Outcome, 'failed'>;

/** Whether the answer did not wait for the cluster. */
export function isGiven(outcome: Outcome): boolean {
  return outcome === 'hit' || outcome === 'refreshing';
}

export function outcomeOf(source: CacheSource, wasHeld: boolean): Answered {
  if (source === 'cache') return 'hit';
  if (source === 'cluster') return wasHeld ? 'changed' : 'miss';
  return source;
}

const STATUS_OF: Readonly<Record<Answered, string>> = {
  hit: 'hit',
  refreshing: 'hit; detail=stale-while-revalidate',
  shared: 'fwd=miss; collapsed',
  revalidated: 'fwd-status=304; stored',
  changed: 'fwd-status=200; stored',
  miss: 'fwd=uri-miss; stored',
  fallback: 'hit; detail=stale-if-error',
  bypass: 'fwd=request',
};

export interface Ages {
  /** Of the answer. */
  readonly ageMs: number;
  /** Of what was held when the request came; undefined: nothing was. */
  readonly heldAgeMs: number | undefined;
}

/** `freshMs`: how long values stay fresh. */
export function cacheStatus(outcome: Answered, freshMs: number, { ageMs, heldAgeMs }: Ages): string {
  const isAsked = outcome === 'revalidated' || outcome === 'changed';
  // What was still fresh was asked for because the request wanted it so.
  const why = isAsked ? `fwd=${heldAgeMs !== undefined && heldAgeMs <= freshMs ? 'request' : 'stale'}; ` : '';
  const ttl = outcome === 'bypass' ? '' : `; ttl=${Math.floor((freshMs - ageMs) / 1_000)}`;
  return `fulcrum; ${why}${STATUS_OF[outcome]}${ttl}`;
}
