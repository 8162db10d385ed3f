/**
 * Histories of random concurrent clients against registers that are atomic by construction: each operation takes
 * effect at one moment between its invoke and its end; unknown and weakly acknowledged ones later, or never.
 */
import type { EventType, HistoryEvent, HistoryKind } from '../../../chaos/history.js';
import { Seeded } from './seeded.js';

export interface Load {
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  readonly keys?: number;
  /** Shares of all mutations. */
  readonly unknown?: number;
  readonly weak?: number;
  /** Shares of all operations; the rest are puts. */
  readonly gets?: number;
  readonly cas?: number;
  readonly creates?: number;
  readonly deletes?: number;
  /** False: no versions, conditions compare values, and values come from a few. */
  readonly versioned?: boolean;
  /** Values are drawn from this many, so that they do not tell who wrote them. */
  readonly values?: number;
  /** Whether a failed condition says what it found. */
  readonly tellsFound?: boolean;
}

interface Held {
  readonly value: string | null;
  readonly version: string | undefined;
}

const NOTHING: Held = { value: null, version: undefined };
/** Mean delays in milliseconds. */
const DELAY_MS = 10;
const LATE_MS = 300;

export function atomicHistory(load: Load): HistoryEvent[] {
  return new AtomicRun(load).run();
}

class AtomicRun {
  readonly #random: Seeded;
  readonly #held = new Map<string, Held>();
  readonly #events: HistoryEvent[] = [];
  readonly #queue: { readonly at: number; readonly run: () => void }[] = [];
  #now = 0;
  #left: number;
  #made = 0;

  constructor(private readonly load: Load) {
    this.#random = new Seeded(load.seed);
    this.#left = load.operations;
  }

  run(): HistoryEvent[] {
    for (let client = 0; client < this.load.clients; client += 1)
      this.#after(DELAY_MS, () => this.#invoke(`c${client}`, new Map()));
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      this.#now = next.at;
      next.run();
    }
    return this.#events;
  }

  #after(mean: number, run: () => void): void {
    const at = this.#now - Math.log(1 - this.#random.unit()) * mean;
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#queue[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, { at, run });
  }

  #invoke(process: string, seen: Map<string, Held>): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    const number = (this.#made += 1);
    const invoke = this.#request(process, number, seen);
    this.#events.push(invoke);
    const version = this.load.versioned === false ? undefined : `v${number}`;
    const again = (): void => this.#after(DELAY_MS, () => this.#invoke(process, seen));
    const unknown = invoke.kind !== 'get' && this.#random.chance(this.load.unknown ?? 0);
    if (unknown || (invoke.kind === 'put' && this.#random.chance(this.load.weak ?? 0))) {
      this.#loosely(invoke, version, unknown, again);
    } else this.#exactly(invoke, version, seen, again);
  }

  #request(process: string, number: number, seen: ReadonlyMap<string, Held>): HistoryEvent {
    const versioned = this.load.versioned ?? true;
    const key = `k${this.#random.below(this.load.keys ?? 1)}`;
    const kind = this.#kind();
    const event: HistoryEvent = { type: 'invoke', process, time: this.#now, key, kind };
    if (kind === 'get') return event;
    const op = versioned ? { op: `op${number}` } : {};
    if (kind === 'delete') return { ...event, ...op };
    const few = this.load.values ?? (versioned ? 0 : 5);
    const value = few === 0 ? `x${number}` : `${this.#random.below(few)}`;
    if (kind !== 'cas') return { ...event, ...op, value };
    const condition = versioned
      ? { expect: seen.get(key)?.version ?? 'absent' }
      : { expectValue: `${this.#random.below(few)}` };
    return { ...event, ...op, value, ...condition };
  }

  /** Takes effect now, much later, or never, whatever is answered. */
  #loosely(invoke: HistoryEvent, version: string | undefined, unknown: boolean, again: () => void): void {
    if (this.#random.chance(0.6)) {
      this.#after(this.#random.chance(0.5) ? DELAY_MS : LATE_MS, () => void this.#apply(invoke, version));
    }
    this.#after(2 * DELAY_MS, () => {
      if (unknown) this.#end(invoke, 'unknown', { code: 'TIMEOUT' });
      else this.#end(invoke, 'ok', { ...versionField(version), receipt: { guarantee: 'eventual' } });
      again();
    });
  }

  #exactly(invoke: HistoryEvent, version: string | undefined, seen: Map<string, Held>, again: () => void): void {
    const receipt = { guarantee: 'linearizable' as const };
    this.#after(DELAY_MS, () => {
      const before = this.#held.get(invoke.key) ?? NOTHING;
      const applied = this.#apply(invoke, version);
      const held = this.#held.get(invoke.key) ?? NOTHING;
      this.#after(DELAY_MS, () => {
        seen.set(invoke.key, held);
        if (!applied) {
          const found = this.load.tellsFound === false ? {} : versionField(before.version);
          this.#end(invoke, 'fail', { code: 'CONDITION_FAILED', ...found, receipt });
        } else if (invoke.kind === 'get') {
          this.#end(invoke, 'ok', { ...versionField(held.version), value: held.value, receipt });
        } else this.#end(invoke, 'ok', { ...versionField(version), existed: before.value !== null, receipt });
        again();
      });
    });
  }

  #end({ process, key, kind }: HistoryEvent, type: EventType, answer: Partial<HistoryEvent>): void {
    this.#events.push({ type, process, time: this.#now, key, kind, ...answer });
  }

  #kind(): HistoryKind {
    const { gets = 0.4, cas = 0, creates = 0, deletes = 0 } = this.load;
    let roll = this.#random.unit();
    for (const [kind, share] of [
      ['get', gets],
      ['cas', cas],
      ['create', creates],
      ['delete', deletes],
    ] as const) {
      if (roll < share) return kind;
      roll -= share;
    }
    return 'put';
  }

  #apply({ key, kind, value, expect, expectValue }: HistoryEvent, version: string | undefined): boolean {
    if (kind === 'get') return true;
    const held = this.#held.get(key) ?? NOTHING;
    if ((kind === 'create' || expect === 'absent') && held.value !== null) return false;
    if (expect !== undefined && expect !== 'absent' && held.version !== expect) return false;
    if (expectValue !== undefined && held.value !== expectValue) return false;
    this.#held.set(key, { value: kind === 'delete' ? null : value!, version });
    return true;
  }
}

function versionField(version: string | undefined): { version?: string } {
  return version === undefined ? {} : { version };
}
