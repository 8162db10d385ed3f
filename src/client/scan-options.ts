/** What a scan or a page can be told, and what it gives. */
import { PAGE_ITEMS, PAGE_ITEMS_MAX, PAGE_OFFSET_MAX } from '../core/defaults.js';
import { boundProblem, endOfPrefix, narrowed, type KeyRange } from '../core/key-range.js';
import type { Level } from '../core/level.js';
import type { Receipt } from '../core/receipt.js';
import { refuse, type CallOptions } from './options.js';

/** Which keys, and in which order: that of the bytes of their UTF-8. */
export interface RangeOptions {
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined;
  /** The least key there may be, itself included, whatever the direction. */
  readonly from?: string | undefined;
  /** Keys are less than this, whatever the direction. */
  readonly to?: string | undefined;
  /** The greatest key first; false by default. */
  readonly reverse?: boolean | undefined;
}

/** `timeoutMs` is for each page that is read. */
export interface ScanOptions extends RangeOptions, CallOptions {
  /** Ends after this many items; by default none is left out. */
  readonly limit?: number | undefined;
}

export interface PageOptions extends RangeOptions, CallOptions {
  /** Items of this page at most, 1 to 1000; 50 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before; the other options but `limit` and `timeoutMs` must be the same. */
  readonly cursor?: string | undefined;
  /** How many items to leave out, 0 to 100000. Costs as much as listing them, and excludes `cursor`. */
  readonly offset?: number | undefined;
}

export interface ScanItem<T = unknown> {
  readonly key: string;
  readonly value: T;
  /** Opaque, as `get` gives it. */
  readonly version: string;
  /** Of the read of this key. */
  readonly receipt: Receipt;
}

export interface Pagination {
  /** For the next page; undefined: there is none. Nothing else is the end, not even a page without items. */
  readonly nextCursor: string | undefined;
  /** Whether there is a `nextCursor`. */
  readonly hasMore: boolean;
  /** The level that the page was read at, and that its cursor goes on at. */
  readonly level: Level;
  /** For the next page by offset; undefined where no offset was given, or nothing follows. */
  readonly nextOffset: number | undefined;
}

export interface Page<T = unknown> {
  readonly items: readonly ScanItem<T>[];
  readonly pagination: Pagination;
}

/** Throws INVALID_ARGUMENT. */
export function rangeOf({ prefix = '', from = '', to = '', reverse = false }: RangeOptions): KeyRange {
  const problem = boundProblem('prefix', prefix) ?? boundProblem('from', from) ?? boundProblem('to', to);
  if (problem !== undefined) refuse(problem);
  if (typeof reverse !== 'boolean') refuse('reverse must be true or false');
  return narrowed({ from, to, reverse }, { from: prefix, to: endOfPrefix(prefix) });
}

/** Throws INVALID_ARGUMENT. */
export function pageItems({ limit = PAGE_ITEMS }: PageOptions): number {
  return whole('limit', limit, 1, PAGE_ITEMS_MAX, 'ask for further pages, or use scan');
}

/** Throws INVALID_ARGUMENT. */
export function scanItems({ limit = Infinity }: ScanOptions): number {
  return limit === Infinity ? limit : whole('limit', limit, 1, Number.MAX_SAFE_INTEGER, 'leave it out for all');
}

/** undefined: none was given. Throws INVALID_ARGUMENT. */
export function offsetOf({ offset, cursor }: PageOptions): number | undefined {
  if (offset === undefined) return undefined;
  if (cursor !== undefined) refuse('a page begins at a cursor or at an offset: give one of them');
  return whole(
    'offset',
    offset,
    0,
    PAGE_OFFSET_MAX,
    'to go further, use a cursor, whose pages cost the same at any depth',
  );
}

function whole(name: string, value: unknown, least: number, most: number, instead: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  return refuse(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}: ${instead}`);
}
