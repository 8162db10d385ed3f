/** The latest answers and errors in words. What repeats is counted instead of listed, so that the list can be read. */
import type { FulcrumError } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { OperationKind, Receipt } from '../core/receipt.js';
import type { HappeningView } from './api.js';
import type { Lag } from './level-stats.js';
import { errorInWords, receiptInWords, staleInWords } from './plain-words.js';
import type { ConsoleClock } from './ports.js';

const KEPT_MAX = 40;
/** What said the same within this time is the same line. */
const SAME_WITHIN_MS = 10_000;

type Kind = HappeningView['kind'];

interface Line {
  readonly id: number;
  readonly kind: Kind;
  readonly level: Level | undefined;
  readonly text: string;
  readonly sinceMs: number;
  atMs: number;
  times: number;
}

export class Happenings {
  readonly #clock: ConsoleClock;
  /** By what it says; the order is that of the first time. */
  readonly #lines = new Map<string, Line>();
  #lastId = 0;

  constructor(clock: ConsoleClock) {
    this.#clock = clock;
  }

  answered(node: string, receipt: Receipt, lag?: Lag): void {
    // How far behind differs from read to read: one line for all of a node and level, telling of the last.
    if (lag !== undefined) {
      return this.#add('stale', receipt.level, staleInWords(receipt, lag), `stale ${node} ${receipt.level}`);
    }
    const isWeak = receipt.degraded || receipt.missing.length > 0;
    this.#add(isWeak ? 'weak' : 'answer', receipt.level, receiptInWords(receipt));
  }

  failed(node: string, operation: OperationKind, level: Level, error: FulcrumError): void {
    this.#add('error', level, errorInWords(node, operation, level, error));
  }

  /** What somebody did through the console. */
  done(text: string): void {
    this.#add('operator', undefined, text);
  }

  /** Newest first: warnings before ordinary answers of the same moment. */
  recent(): HappeningView[] {
    const lines = [...this.#lines.values()].map(({ id, kind, level, text, atMs, times }) => {
      return { id, atMs, kind, level, text, times };
    });
    return lines.sort(
      (a, b) => Math.floor(b.atMs / 1_000) - Math.floor(a.atMs / 1_000) || rank(b) - rank(a) || b.id - a.id,
    );
  }

  #add(kind: Kind, level: Level | undefined, text: string, name = text): void {
    const nowMs = this.#clock.wallMs();
    const known = this.#lines.get(name);
    const isFresh = known !== undefined && nowMs - known.atMs <= SAME_WITHIN_MS;
    // Taken out and put back: the oldest line is always the first one.
    if (known !== undefined) this.#lines.delete(name);
    this.#lines.set(name, {
      id: isFresh ? known.id : (this.#lastId += 1),
      kind,
      level,
      text,
      sinceMs: isFresh ? known.sinceMs : nowMs,
      atMs: nowMs,
      times: isFresh ? known.times + 1 : 1,
    });
    if (this.#lines.size > KEPT_MAX) this.#lines.delete(this.#lines.keys().next().value!);
  }
}

function rank({ kind }: { readonly kind: Kind }): number {
  return ['answer', 'weak', 'stale', 'error', 'operator'].indexOf(kind);
}
