/**
 * Up to which ballot time what this node holds is known to have been at the other home replicas as well: the proof
 * that spares the conflict ledger all the keys that went on while this node was away.
 *
 * A comparison with a peer after which both hold the same, or the peer something later, settles everything that was
 * held here when it began and is older than `youngFrom` (merkle-leaf). An older write that arrives afterwards was not
 * part of it and takes the mark back below itself. Whoever writes later at a settled replica held the write, or what
 * had taken its place there, which was judged there.
 */
import type { Micros } from './ballot.js';

export class SettledMarks {
  readonly #marks: Map<string, Micros>;
  readonly #comparing = new Map<string, Micros>();
  #highest: Micros;

  /** `marks`: as they were kept on disk, by peer. */
  constructor(marks: Readonly<Record<string, Micros>> = {}) {
    this.#marks = new Map(Object.entries(marks));
    this.#highest = Math.max(0, ...this.#marks.values());
  }

  /** A comparison with this peer begins, in which ballots from `youngFrom` on may be left out. */
  comparisonBegins(peer: string, youngFrom: Micros): void {
    this.#comparing.set(peer, youngFrom - 1);
    this.#highest = Math.max(this.#highest, youngFrom - 1);
  }

  /** All that differed was pushed and pulled, and taken; `complete` false: something was not. */
  comparisonEnds(peer: string, complete: boolean): void {
    const mark = this.#comparing.get(peer);
    this.#comparing.delete(peer);
    if (complete && mark !== undefined) this.#marks.set(peer, Math.max(mark, this.#marks.get(peer) ?? 0));
  }

  /**
   * A state was accepted here; `from`: by the repair of a peer, which holds it. True: the marks on disk have to be
   * written again, in the batch of the record.
   */
  accepted(time: Micros, from: string | null): boolean {
    if (time > this.#highest) return false;
    const lowered = lower(this.#marks, time - 1, from);
    lower(this.#comparing, time - 1, from);
    return lowered;
  }

  /** For a key with these home replicas; 0: nothing is settled. */
  until(homes: readonly string[], self: string): Micros {
    let until = Infinity;
    for (const home of homes) if (home !== self) until = Math.min(until, this.#marks.get(home) ?? 0);
    return until;
  }

  /** To be kept on disk. */
  toJSON(): Record<string, Micros> {
    return Object.fromEntries(this.#marks);
  }
}

function lower(marks: Map<string, Micros>, to: Micros, except: string | null): boolean {
  let changed = false;
  for (const [peer, mark] of marks) {
    if (peer === except || mark <= to) continue;
    marks.set(peer, to);
    changed = true;
  }
  return changed;
}
