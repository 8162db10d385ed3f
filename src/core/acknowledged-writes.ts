/**
 * The writes that one coordinator acknowledged lately, and when: what staleness is measured by. The memory is fixed:
 * keys share slots by their hash, the last one to be written has it, and of each key the last few writes are known.
 */
import type { Micros } from './ballot.js';
import { hashText } from './hash.js';
import { NO_VERSION, type Version } from './version.js';

export interface AcknowledgedWrite {
  readonly version: Version;
  /** When it was acknowledged, by the coordinator's clock. */
  readonly at: Micros;
}

const SLOTS = 2 ** 14;
/** Of one key. */
export const ACKNOWLEDGED_KEPT = 8;

/** Those before the last one: a ring, the oldest is replaced. */
interface Older {
  readonly writes: AcknowledgedWrite[];
  next: number;
}

export class AcknowledgedWrites {
  // The last write of each slot, without an object for it: most keys are written once before another takes the slot.
  readonly #keys = new Array<string | undefined>(SLOTS).fill(undefined);
  readonly #versions = new Array<Version>(SLOTS).fill(NO_VERSION);
  readonly #times = new Float64Array(SLOTS);
  readonly #older = new Array<Older | undefined>(SLOTS).fill(undefined);

  add(key: string, version: Version, at: Micros): void {
    const slot = hashText(key) % SLOTS;
    if (this.#keys[slot] === key) this.#keep(slot);
    else {
      this.#keys[slot] = key;
      this.#older[slot] = undefined;
    }
    this.#versions[slot] = version;
    this.#times[slot] = at;
  }

  /** In no order. */
  of(key: string): readonly AcknowledgedWrite[] {
    const slot = hashText(key) % SLOTS;
    if (this.#keys[slot] !== key) return [];
    return [...(this.#older[slot]?.writes ?? []), { version: this.#versions[slot]!, at: this.#times[slot]! }];
  }

  #keep(slot: number): void {
    const older = (this.#older[slot] ??= { writes: [], next: 0 });
    older.writes[older.next] = { version: this.#versions[slot]!, at: this.#times[slot]! };
    older.next = (older.next + 1) % (ACKNOWLEDGED_KEPT - 1);
  }
}
