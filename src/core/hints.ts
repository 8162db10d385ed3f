/**
 * The book of one node's hints: writes it keeps for home replicas that could not be reached, until they can
 * (PROTOCOL.md rule 16). It decides what to keep, what to send next and what to forget; the states are on disk.
 *
 * A hint is a state under a ballot, so of two for one key the one with the higher BALLOT is kept. There is never
 * a reason to refuse a write: what does not fit is left to anti-entropy, which is then needed at once.
 */
import { compareBallots, sameBallot, type Ballot } from './ballot.js';
import { HINT_BYTES_MAX, HINT_BYTES_PER_SECOND, HINT_LIFETIME_MS, HINT_OVERHEAD_BYTES } from './defaults.js';
import type { State } from './state.js';
import { TokenAllowance } from './token-allowance.js';

export interface Hint {
  readonly key: string;
  readonly ballot: Ballot;
  /** Of the state. */
  readonly bytes: number;
  /** Physical time, since hints outlive a restart. */
  readonly storedAtMs: number;
}

/** A hint as it is kept on disk. */
export interface KeptHint {
  readonly target: string;
  readonly key: string;
  readonly ballot: Ballot;
  readonly state: State;
  readonly storedAtMs: number;
}

/**
 * `store`: write it to disk, in place of the one before. `known`: as new a one is there. `overflow`: it is not kept,
 * and an older one, if there was one, is to be removed from disk.
 */
export type Addition = 'store' | 'known' | 'overflow';

/**
 * `delivered`: the target holds it or a later write. `failed`: it did not answer, or could not take it now. A promise
 * in the way is neither: an identity round by a home replica, seeded with the hint, then tells.
 */
export type Delivery = 'delivered' | 'failed';

export interface Batch {
  readonly hints: readonly Hint[];
  /** Until more may be sent, in milliseconds; null: there is nothing more to send. */
  readonly waitMs: number | null;
}

export interface HintBookOptions {
  readonly bytesMax?: number;
  readonly lifetimeMs?: number;
  readonly bytesPerSecond?: number;
}

export interface HintStats {
  readonly hints: number;
  readonly bytes: number;
  readonly needsAntiEntropy: boolean;
}

interface Target {
  /** The oldest first. */
  readonly hints: Map<string, Hint>;
  readonly sending: Map<string, Ballot>;
  readonly allowance: TokenAllowance;
  bytes: number;
  needsAntiEntropy: boolean;
}

export class HintBook {
  readonly #bytesMax: number;
  readonly #lifetimeMs: number;
  readonly #bytesPerSecond: number;
  readonly #targets = new Map<string, Target>();

  constructor(options: HintBookOptions = {}) {
    this.#bytesMax = options.bytesMax ?? HINT_BYTES_MAX;
    this.#lifetimeMs = options.lifetimeMs ?? HINT_LIFETIME_MS;
    this.#bytesPerSecond = options.bytesPerSecond ?? HINT_BYTES_PER_SECOND;
  }

  /** Also for those that are read from disk after a start. */
  add(target: string, hint: Hint): Addition {
    const book = this.#targetOf(target);
    const before = book.hints.get(hint.key);
    if (before !== undefined && compareBallots(hint.ballot, before.ballot) <= 0) return 'known';
    this.#drop(book, before);
    if (book.bytes + costOf(hint) > this.#bytesMax) {
      book.needsAntiEntropy = true;
      return 'overflow';
    }
    book.hints.set(hint.key, hint);
    book.bytes += costOf(hint);
    return 'store';
  }

  /** What to send to this target now, the oldest first. `nowMs` is monotonic. */
  next(target: string, nowMs: number): Batch {
    const book = this.#targetOf(target);
    const hints: Hint[] = [];
    let left = book.allowance.at(nowMs);
    for (const hint of book.hints.values()) {
      if (book.sending.has(hint.key)) continue;
      if (left <= 0) return { hints, waitMs: book.allowance.waitMs };
      left -= costOf(hint);
      book.allowance.take(costOf(hint));
      book.sending.set(hint.key, hint.ballot);
      hints.push(hint);
    }
    return { hints, waitMs: null };
  }

  /** What became of a hint that was sent; true: it is to be removed from disk. */
  ended(target: string, key: string, ballot: Ballot, delivery: Delivery): boolean {
    const book = this.#targetOf(target);
    const sent = book.sending.get(key);
    if (sent !== undefined && sameBallot(sent, ballot)) book.sending.delete(key);
    const hint = book.hints.get(key);
    // A newer one may have taken its place meanwhile.
    if (delivery === 'failed' || hint === undefined || !sameBallot(hint.ballot, ballot)) return false;
    this.#drop(book, hint);
    return true;
  }

  /** Hints whose lifetime has passed, to be removed from disk. `nowMs` is physical. */
  expired(nowMs: number): { readonly target: string; readonly hint: Hint }[] {
    const expired: { target: string; hint: Hint }[] = [];
    for (const [target, book] of this.#targets) {
      for (const hint of book.hints.values()) {
        if (hint.storedAtMs + this.#lifetimeMs > nowMs) continue;
        this.#drop(book, hint);
        book.needsAntiEntropy = true;
        expired.push({ target, hint });
      }
    }
    return expired;
  }

  /** A node has left the cluster, or its hints are dropped for a change of the policy (rule 19): removed from disk. */
  forget(target: string): Hint[] {
    const hints = [...this.#targetOf(target).hints.values()];
    this.#targets.delete(target);
    return hints;
  }

  targets(): string[] {
    return Array.from(this.#targets)
      .filter(([, book]) => book.hints.size > 0)
      .map(([target]) => target);
  }

  /** Whether something this node should have kept for the target was not, since anti-entropy last ended. */
  needsAntiEntropy(target: string): boolean {
    return this.#targets.get(target)?.needsAntiEntropy ?? false;
  }

  /** A comparison with the target has begun: what overflows from here on needs another one. */
  antiEntropyBegins(target: string): void {
    this.#targetOf(target).needsAntiEntropy = false;
  }

  antiEntropyFailed(target: string): void {
    this.#targetOf(target).needsAntiEntropy = true;
  }

  stats(target: string): HintStats {
    const { hints, bytes, needsAntiEntropy } = this.#targetOf(target);
    return { hints: hints.size, bytes, needsAntiEntropy };
  }

  #drop(book: Target, hint: Hint | undefined): void {
    if (hint === undefined) return;
    book.hints.delete(hint.key);
    book.bytes -= costOf(hint);
  }

  #targetOf(target: string): Target {
    let book = this.#targets.get(target);
    if (book === undefined) {
      const allowance = new TokenAllowance(this.#bytesPerSecond, this.#bytesPerSecond / 4);
      book = { hints: new Map(), sending: new Map(), allowance, bytes: 0, needsAntiEntropy: false };
      this.#targets.set(target, book);
    }
    return book;
  }
}

/** Keys count as they are held in memory, two bytes a code unit. */
function costOf(hint: Hint): number {
  return hint.bytes + hint.key.length * 2 + HINT_OVERHEAD_BYTES;
}
