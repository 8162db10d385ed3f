/** GET of one key: through the cache, as old as the request allows, with validators and a word on where it came from. */
import type { Client } from '../client/client.js';
import type { CachedResult, NearCache } from '../client/near-cache.js';
import type { GetResult } from '../client/results.js';
import type { Level } from '../core/level.js';
import type { Clock } from '../ports/clock.js';
import type { CacheAnalytics } from './cache-analytics.js';
import { ageAllowedMs, directivesOf, type CacheDirectives } from './cache-directives.js';
import { cacheStatus, outcomeOf, type Answered, type Outcome } from './cache-lookup.js';
import type { Answer, Exchange } from './exchange.js';
import type { Freshness } from './freshness.js';
import { checkNames, levelOf } from './kv-query.js';
import { problem } from './problem.js';
import { receiptHeaders } from './receipt-headers.js';
import { representationOf } from './representation.js';
import { entityTag, isNotModified, lastModifiedMs } from './validators.js';

export interface ReadParts {
  readonly client: Pick<Client, 'get'>;
  readonly cache: NearCache;
  readonly clock: Clock;
  readonly freshness: Freshness;
  readonly analytics: CacheAnalytics;
}

interface Looked {
  readonly result: GetResult;
  readonly outcome: Answered;
  readonly ageMs: number;
  /** Of what was held before. */
  readonly heldAgeMs: number | undefined;
}

export async function readKey(parts: ReadParts, key: string, exchange: Exchange): Promise<Answer> {
  const { clock, cache, analytics, freshness } = parts;
  checkNames(exchange.query, ['level']);
  const level = levelOf(exchange.query);
  const directives = directivesOf(exchange.headers['cache-control'], exchange.headers.pragma);
  const startedMs = clock.monotonicMs();
  const heldAgeMs = cache.held(key)?.ageMs;
  const record = (outcome: Outcome, bytes: number): void => {
    const nowMs = clock.monotonicMs();
    analytics.record({ key, outcome, heldAgeMs, bytes, tookMs: nowMs - startedMs }, nowMs);
  };
  // Whoever names a level asks the cluster: what is kept vouches for nothing.
  const asked = level === undefined ? ageAllowedMs(directives, freshness.freshMs) : 0;
  // Nor may the cluster be asked behind the answer, where it may not be asked at all.
  const allowedMs = directives.onlyIfCached ? (asked ?? freshness.freshMs + freshness.refreshMs) : asked;
  if (directives.onlyIfCached && !(heldAgeMs !== undefined && heldAgeMs <= allowedMs!)) {
    record('failed', 0);
    return problem(
      504,
      `Nothing of ${JSON.stringify(key)} is kept that is young enough, and only-if-cached was asked.`,
    );
  }
  try {
    const looked = await look(parts, key, { level, directives, allowedMs, heldAgeMs, exchange });
    const answer = answerOf(parts, exchange, level, looked);
    record(looked.outcome, Buffer.byteLength(answer.body));
    return answer;
  } catch (error) {
    record('failed', 0);
    throw error;
  }
}

interface Look {
  readonly level: Level | undefined;
  readonly directives: CacheDirectives;
  readonly allowedMs: number | undefined;
  readonly heldAgeMs: number | undefined;
  readonly exchange: Exchange;
}

async function look({ client, cache }: ReadParts, key: string, asked: Look): Promise<Looked> {
  const { level, directives, allowedMs, heldAgeMs, exchange } = asked;
  if (directives.noStore && !directives.onlyIfCached) {
    const result = await client.get(key, { level, signal: exchange.signal });
    return { result, outcome: 'bypass', ageMs: 0, heldAgeMs };
  }
  const result: CachedResult = await cache.get(key, { level, maxAgeMs: allowedMs, signal: exchange.signal });
  return { result, outcome: outcomeOf(result.source, heldAgeMs !== undefined), ageMs: result.ageMs, heldAgeMs };
}

function answerOf(parts: ReadParts, exchange: Exchange, level: Level | undefined, looked: Looked): Answer {
  const { result, outcome, ageMs, heldAgeMs } = looked;
  const { found, version, receipt } = result;
  const nowMs = parts.clock.physicalMicros() / 1_000;
  const tag = entityTag(version);
  const modifiedMs = lastModifiedMs(version, nowMs);
  const headers: Record<string, string> = {
    'cache-control': level === undefined ? parts.freshness.cacheControl : 'no-cache',
    'cache-status': cacheStatus(outcome, parts.freshness.freshMs, { ageMs, heldAgeMs }),
    age: String(Math.floor(ageMs / 1_000)),
    ...receiptHeaders(receipt),
  };
  if (!found) {
    const absent = problem(404, `${JSON.stringify(result.key)} has no value.`, { code: 'NOT_FOUND', definite: true });
    return { ...absent, headers: { ...absent.headers, ...headers } };
  }
  if (tag !== undefined) headers['etag'] = tag;
  if (modifiedMs !== undefined) headers['last-modified'] = new Date(modifiedMs).toUTCString();
  if (isNotModified(exchange.headers, tag, modifiedMs)) return { status: 304, headers, body: '' };
  const { type, body } = representationOf(result.value);
  return { status: 200, headers: { 'content-type': type, ...headers }, body };
}
