import { once } from 'node:events';
import { PAGE_ITEMS_MAX } from '../core/defaults.js';
import type { Client, Page, PageOptions, ScanItem } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { toJson } from '../edge/json-value.js';
import { formatLine } from './ndjson-line.js';
import type { Output } from './output.js';
import { withClient } from './with-client.js';

export interface ScanCommandOptions extends ClientOptions {
  readonly prefix?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly offset?: number | undefined;
}

export async function printScan(options: ScanCommandOptions, output: Output): Promise<void> {
  const { items, pagination } = await withClient(options, (client) => readItems(client, options));
  if (output.json) {
    const shown = items.map((item) => ({ ...item, value: toJson(item.value) }));
    output.result({ items: shown, pagination: { ...pagination, nextCursor: pagination.nextCursor ?? null } });
    return;
  }
  const text = items.map(formatLine).join('');
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  const { nextCursor, level } = pagination;
  const count = `${items.length} ${items.length === 1 ? 'item' : 'items'} at ${level}`;
  output.note(
    nextCursor === undefined ? `${count}, and nothing follows` : `${count}; go on with --cursor ${nextCursor}`,
  );
}

/** A short page is not the end: pages are read until there are as many items as were asked for. */
async function readItems(client: Client, options: ScanCommandOptions): Promise<Page> {
  const { prefix, from, to, reverse, level, limit } = options;
  const range: PageOptions = { prefix, from, to, reverse, level };
  const items: ScanItem[] = [];
  let begin: PageOptions = { cursor: options.cursor, offset: options.offset };
  for (;;) {
    const page = await client.page({ ...range, ...begin, limit: Math.min(limit - items.length, PAGE_ITEMS_MAX) });
    items.push(...page.items);
    const { nextCursor } = page.pagination;
    if (nextCursor === undefined || items.length === limit) return { items, pagination: page.pagination };
    begin = { cursor: nextCursor };
  }
}
