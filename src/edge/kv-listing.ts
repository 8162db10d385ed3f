/** GET of a path that ends in a slash: the keys under it, a page at a time, by cursor or by offset. */
import type { Client } from '../client/client.js';
import type { Page, PageOptions } from '../client/scan-options.js';
import type { Answer, Exchange } from './exchange.js';
import { JSON_TYPE } from './http-server.js';
import { toJson } from './json-value.js';
import { checkNames, flagOf, levelOf, numberOf } from './kv-query.js';

const NAMES = ['from', 'to', 'limit', 'cursor', 'offset', 'reverse', 'level'] as const;

/** `Link: <…>; rel="next"` (RFC 8288) leads to the next page; only where there is none is there nothing more. */
export async function listUnder(client: Pick<Client, 'page'>, prefix: string, exchange: Exchange): Promise<Answer> {
  const { query, signal, path } = exchange;
  checkNames(query, NAMES);
  const options: PageOptions = {
    prefix,
    from: query.get('from') ?? undefined,
    to: query.get('to') ?? undefined,
    limit: numberOf(query, 'limit'),
    cursor: query.get('cursor') ?? undefined,
    offset: numberOf(query, 'offset'),
    reverse: flagOf(query, 'reverse'),
    level: levelOf(query),
    signal,
  };
  const { items, pagination } = await client.page(options);
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, 'cache-control': 'no-store' };
  const next = nextOf(query, pagination);
  if (next !== undefined) headers['link'] = `<${path}?${next.toString()}>; rel="next"`;
  const shown = items.map(({ key, value, version }) => ({ key, value: toJson(value), version }));
  return { status: 200, headers, body: `${JSON.stringify({ items: shown, pagination })}\n` };
}

/** A page by offset is followed by one by offset, as asked; any other by a cursor. */
function nextOf(query: URLSearchParams, { nextCursor, nextOffset }: Page['pagination']): URLSearchParams | undefined {
  if (nextCursor === undefined) return undefined;
  const next = new URLSearchParams(query);
  if (nextOffset !== undefined) next.set('offset', String(nextOffset));
  else {
    next.delete('offset');
    next.set('cursor', nextCursor);
  }
  return next;
}
