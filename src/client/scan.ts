/** Scans and pages: the keys of the whole cluster in order, with their values. */
import { PAGE_BYTES_MAX, PAGE_ITEMS_MAX } from '../core/defaults.js';
import { restAfter, type KeyRange } from '../core/key-range.js';
import type { Level } from '../core/level.js';
import { defaultLevel } from '../core/policy.js';
import type { CursorSeal } from '../ports/cursor-seal.js';
import { signalOf } from './arguments.js';
import { Cursors } from './cursors.js';
import { checkLevel, checkTimeout, type CallOptions, type Settings } from './options.js';
import {
  offsetOf,
  pageItems,
  rangeOf,
  scanItems,
  type Page,
  type PageOptions,
  type ScanItem,
  type ScanOptions,
} from './scan-options.js';
import { readPage, type PageParts, type PagePlan, type ReadPage } from './scan-page.js';

export interface ScannerParts extends PageParts {
  readonly seal: CursorSeal;
}

/** Items that a scan reads at a time: with values of 4 KiB as many as its pages may weigh. */
const SCAN_ITEMS = Math.min(PAGE_BYTES_MAX / 4_096, PAGE_ITEMS_MAX);
/** A page that has used this share of its time ends where it is, so that what it has is not lost. */
const HURRY_SHARE = 0.5;

/** What ends a page that is being read. */
interface Bounds {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export class Scanner {
  readonly #settings: Settings;
  readonly #parts: ScannerParts;

  constructor(settings: Settings, parts: ScannerParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  async page(options: PageOptions): Promise<Page> {
    const range = rangeOf(options);
    const items = pageItems(options);
    const offset = offsetOf(options);
    const given = options.level === undefined ? undefined : checkLevel(options.level);
    const cursors = this.#cursors();
    const cursor = options.cursor === undefined ? undefined : cursors.read(options.cursor, range, given);
    const level = given ?? cursor?.level ?? this.#level();
    const rest = cursor === undefined ? range : restAfter(range, cursor.position);
    const page = await this.#read(rest, level, { items, skip: offset ?? 0 }, this.#bounds(options));
    const hasMore = page.position !== undefined;
    return {
      items: page.items,
      pagination: {
        nextCursor: page.position === undefined ? undefined : cursors.make(range, level, page.position),
        hasMore,
        level,
        nextOffset: offset === undefined || !hasMore ? undefined : offset + page.items.length,
      },
    };
  }

  /** What is wrong with the options is thrown at once. */
  scan(options: ScanOptions): AsyncGenerator<ScanItem, void, undefined> {
    const level = options.level === undefined ? this.#level() : checkLevel(options.level);
    return this.#scan(rangeOf(options), level, scanItems(options), this.#bounds(options));
  }

  async *#scan(
    range: KeyRange,
    level: Level,
    limit: number,
    bounds: Bounds,
  ): AsyncGenerator<ScanItem, void, undefined> {
    let rest = range;
    for (let left = limit; left > 0;) {
      const page = await this.#read(rest, level, { items: Math.min(left, SCAN_ITEMS), skip: 0 }, bounds);
      yield* page.items;
      if (page.position === undefined) return;
      rest = restAfter(range, page.position);
      left -= page.items.length;
    }
  }

  #read(range: KeyRange, level: Level, size: Pick<PagePlan, 'items' | 'skip'>, bounds: Bounds): Promise<ReadPage> {
    const { timeoutMs, signal } = bounds;
    const nowMs = this.#parts.engine.now();
    const times = { deadlineMs: nowMs + timeoutMs, hurryMs: nowMs + timeoutMs * HURRY_SHARE };
    return readPage(this.#parts, { range, level, ...size, ...times, signal });
  }

  #cursors(): Cursors {
    return new Cursors(this.#parts.seal, this.#parts.engine.nodes.view.name, this.#settings.cursorSecret);
  }

  #level(): Level {
    return this.#settings.level ?? defaultLevel(this.#parts.engine.nodes.policy);
  }

  #bounds(options: CallOptions): Bounds {
    const { timeoutMs = this.#settings.timeoutMs } = options;
    return { timeoutMs: checkTimeout('timeoutMs', timeoutMs), signal: signalOf(options) };
  }
}
