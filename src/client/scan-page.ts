/** Reads one page: lists keys, reads their values, and stops where one of the bounds is reached. */
import { LISTED_AT_ONCE_MAX, PAGE_BYTES_MAX, PAGE_EXAMINED_MAX } from '../core/defaults.js';
import type { KeyRange } from '../core/key-range.js';
import type { Level } from '../core/level.js';
import { utf8Length } from '../core/limits.js';
import type { Candidate } from '../core/scan-merge.js';
import type { ValueEncoding } from '../core/state.js';
import type { ValueCodec } from '../ports/value-codec.js';
import { runBatch } from './batch.js';
import { GetCall } from './calls.js';
import { KeyListing, type ListingParts } from './key-listing.js';
import type { GetResult } from './results.js';
import type { ScanItem } from './scan-options.js';

export interface PageParts extends ListingParts {
  readonly codec: ValueCodec;
}

/** What is asked of one page. */
export interface PagePlan {
  readonly range: KeyRange;
  readonly level: Level;
  readonly items: number;
  /** Items that are left out first. */
  readonly skip: number;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  /** From here on the page ends where it is, if it has come any further. */
  readonly hurryMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface ReadPage {
  readonly items: readonly ScanItem[];
  /** The last key that was dealt with; undefined: the range was read to its end. */
  readonly position: string | undefined;
}

/** Keys read together: enough to fill the pipes, and little beside what else a client does. */
const READ_TOGETHER = 256;

export function readPage(parts: PageParts, plan: PagePlan): Promise<ReadPage> {
  return new PageReader(parts, plan).read();
}

/** A value and what it weighs, the key included. */
interface Weighed {
  readonly result: GetResult;
  readonly bytes: number;
}

class PageReader {
  readonly #parts: PageParts;
  readonly #plan: PagePlan;
  readonly #listing: KeyListing;
  readonly #items: ScanItem[] = [];
  #bytes = 0;
  #examined = 0;
  /** Records to ask each node for next. */
  #ask: number;
  #position: string | undefined;

  constructor(parts: PageParts, plan: PagePlan) {
    this.#parts = parts;
    this.#plan = plan;
    this.#listing = new KeyListing(parts, plan.range, plan.level);
    // One more than is wanted tells whether anything follows.
    this.#ask = Math.min(plan.items + plan.skip + 1, LISTED_AT_ONCE_MAX);
  }

  async read(): Promise<ReadPage> {
    await this.#skip();
    for (;;) {
      const candidates = this.#listing.take(Math.min(this.#plan.items - this.#items.length, READ_TOGETHER));
      if (candidates.length > 0) {
        if (!this.#add(candidates, await this.#values(candidates)) || this.#isFull) return this.#ended();
      } else {
        this.#position = this.#listing.through ?? this.#position;
        if (this.#listing.isDone || this.#hasDoneEnough()) return this.#ended();
        await this.#feed();
      }
    }
  }

  /** Counts a key without reading it where that is sure to find a value. */
  async #skip(): Promise<void> {
    for (let left = this.#plan.skip; left > 0;) {
      const candidates = this.#listing.take(Math.min(left, LISTED_AT_ONCE_MAX));
      const doubtful = candidates.filter(({ sure }) => !sure);
      const found = (await this.#values(doubtful)).filter(({ result }) => result.found).length;
      left -= candidates.length - doubtful.length + found;
      if (candidates.length > 0) continue;
      if (this.#listing.isDone) return;
      await this.#feed();
    }
    this.#examined = 0;
  }

  async #feed(): Promise<void> {
    const { deadlineMs, signal } = this.#plan;
    await this.#listing.feed(this.#ask, deadlineMs, signal);
    this.#examined += this.#ask;
    // Where so many records gave too few items, most of what is there is deleted.
    this.#ask = Math.min(this.#ask * 2, LISTED_AT_ONCE_MAX);
  }

  /** False: an item has no room any more. */
  #add(candidates: readonly Candidate[], values: readonly Weighed[]): boolean {
    for (let i = 0; i < candidates.length; i += 1) {
      const { result, bytes } = values[i]!;
      if (result.found) {
        if (this.#items.length > 0 && this.#bytes + bytes > PAGE_BYTES_MAX) return false;
        this.#bytes += bytes;
        const { key, value, version, receipt } = result;
        this.#items.push({ key, value, version: version!, receipt });
      }
      this.#position = candidates[i]!.key;
    }
    return true;
  }

  get #isFull(): boolean {
    return this.#items.length === this.#plan.items || this.#bytes >= PAGE_BYTES_MAX;
  }

  #hasDoneEnough(): boolean {
    if (this.#position === undefined) return false;
    return this.#examined >= PAGE_EXAMINED_MAX || this.#parts.engine.now() >= this.#plan.hurryMs;
  }

  #ended(): ReadPage {
    const isAtEnd = this.#listing.isDone && this.#listing.through === this.#position;
    return { items: this.#items, position: isAtEnd ? undefined : this.#position };
  }

  /** The values of keys, in order. Throws where one of them cannot be read: a page has no holes. */
  async #values(candidates: readonly Candidate[]): Promise<Weighed[]> {
    const { engine, codec } = this.#parts;
    const { level, deadlineMs, signal } = this.#plan;
    const keys = candidates.map(({ key }) => key);
    const scales = keys.map(() => new Scale(codec));
    const read = { level, allowStale: false, known: undefined, after: undefined, target: null };
    const entries = await runBatch<GetResult>(keys, (index, waiter) => {
      engine.start(new GetCall(keys[index]!, deadlineMs, read, scales[index]!, waiter), signal);
    });
    return entries.map((entry, index) => {
      if (!entry.ok) throw entry.error;
      return { result: entry.result, bytes: scales[index]!.bytes + utf8Length(entry.key) };
    });
  }
}

/** Decodes, and remembers how much. */
class Scale implements ValueCodec {
  bytes = 0;
  readonly #codec: ValueCodec;

  constructor(codec: ValueCodec) {
    this.#codec = codec;
  }

  encode: ValueCodec['encode'] = (value) => this.#codec.encode(value);

  decode(bytes: Uint8Array, encoding: ValueEncoding): unknown {
    this.bytes = bytes.length;
    return this.#codec.decode(bytes, encoding);
  }
}
