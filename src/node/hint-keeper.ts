/**
 * Keeps writes for home replicas that could not be reached, and hands them over when they can: by an accept, or, where
 * a promise stands in the way, through an identity round of a home replica that is seeded with it (PROTOCOL.md rule 16).
 */
import { compareBallots, type Ballot } from '../core/ballot.js';
import { HINT_SWEEP_PERIOD_MS } from '../core/defaults.js';
import { HintBook, type Hint, type KeptHint } from '../core/hints.js';
import type { State } from '../core/state.js';
import type { Timer } from '../ports/clock.js';
import type { NoteCodec } from '../ports/note-codec.js';
import type { NoteChange, Store } from '../ports/store.js';
import { askOnce } from './ask-once.js';
import type { HintTotals } from './stats.js';
import type { Tools } from './tools.js';

export interface HintKeeperParts {
  readonly tools: Tools;
  readonly store: Store;
  readonly codec: NoteCodec;
}

/** Hints read from disk together after a start. */
const PAGE = 256;

export class HintKeeper {
  readonly #parts: HintKeeperParts;
  readonly #book = new HintBook();
  readonly #draining = new Set<string>();
  #timer: Timer | undefined;
  #stopped = false;
  #delivered = 0;
  #expired = 0;

  constructor(parts: HintKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#load('');
    this.#sweep();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** `done` is told whether it is kept, once it is on disk. */
  keep(target: string, key: string, ballot: Ballot, state: State, done: (kept: boolean) => void): void {
    const { clock, replica } = this.#parts.tools;
    const storedAtMs = Math.floor(clock.physicalMicros() / 1_000);
    const bytes = this.#parts.codec.packHint({ target, key, ballot, state, storedAtMs });
    switch (this.#book.add(target, { key, ballot, bytes: bytes.length, storedAtMs })) {
      case 'overflow':
        replica.note(noteOf(target, key, null));
        done(false);
        return;
      case 'store':
        replica.note(noteOf(target, key, bytes));
        break;
      case 'known':
    }
    replica.whenWritten(() => {
      done(true);
    });
  }

  /** Hands over what is kept for a node, as fast as its allowance says. */
  drain(target: string): void {
    if (this.#stopped || this.#draining.has(target) || !this.#book.targets().includes(target)) return;
    this.#draining.add(target);
    this.#step(target);
  }

  /** Nothing is kept for this node any more (PROTOCOL.md rule 19). */
  forget(target: string): void {
    for (const { key } of this.#book.forget(target)) this.#parts.tools.replica.note(noteOf(target, key, null));
  }

  totals(): HintTotals {
    const stats = this.#book.targets().map((target) => ({ target, ...this.#book.stats(target) }));
    return {
      targets: stats.map(({ target, hints, bytes }) => ({ target, hints, bytes })),
      kept: stats.reduce((sum, { hints }) => sum + hints, 0),
      keptBytes: stats.reduce((sum, { bytes }) => sum + bytes, 0),
      delivered: this.#delivered,
      expired: this.#expired,
    };
  }

  #step(target: string): void {
    const { clock, links, replica } = this.#parts.tools;
    if (this.#stopped || !links.reachable(target)) {
      this.#draining.delete(target);
      return;
    }
    const { hints, waitMs } = this.#book.next(target, clock.monotonicMs());
    let left = hints.length;
    let failed = false;
    const next = (): void => {
      if (failed || (waitMs === null && hints.length === 0)) this.#draining.delete(target);
      else if (waitMs === null) this.#step(target);
      else
        clock.setTimer(waitMs, () => {
          this.#step(target);
        });
    };
    if (left === 0) next();
    // The book knows a hint as soon as it comes, and they are handed over as the disk has them.
    replica.whenWritten(() => {
      for (const hint of hints) {
        this.#deliver(target, hint, (delivered) => {
          failed ||= !delivered;
          left -= 1;
          if (left === 0) next();
        });
      }
    });
  }

  #deliver(target: string, hint: Hint, done: (delivered: boolean) => void): void {
    const { tools } = this.#parts;
    const ended = (delivered: boolean): void => {
      const isGone = this.#book.ended(target, hint.key, hint.ballot, delivered ? 'delivered' : 'failed');
      if (isGone) tools.replica.note(noteOf(target, hint.key, null));
      if (delivered) this.#delivered += 1;
      done(delivered);
    };
    this.#read(target, hint, (error, kept) => {
      if (error !== null) {
        tools.log.warn({ error: error.message }, 'a hint cannot be read');
        ended(false);
      } else if (kept === undefined) {
        this.#book.antiEntropyFailed(target);
        ended(true);
      } else this.#send(kept, ended);
    });
  }

  #send({ target, key, ballot, state }: KeptHint, done: (delivered: boolean) => void): void {
    const { tools } = this.#parts;
    const message = { kind: 'accept', key, ballot, state } as const;
    askOnce(tools, { peer: target, message }, (reply) => {
      const isThere =
        reply?.kind === 'accepted' || (reply?.kind === 'nack' && compareBallots(reply.accepted, ballot) >= 0);
      if (isThere || reply?.kind !== 'nack') done(isThere);
      else
        askOnce(tools, { peer: target, repair: { kind: 'settle', key, ballot, state } }, (answer) => {
          done(answer?.kind === 'repaired' && answer.reply.kind === 'settled' && answer.reply.settled);
        });
    });
  }

  /** Undefined: there is nothing that can be read as a hint. */
  #read(target: string, hint: Hint, use: (error: Error | null, kept: KeptHint | undefined) => void): void {
    const name = noteName(target, hint.key);
    this.#parts.store.notes('hint', name, '', 1, (error, notes) => {
      const note = notes[0];
      use(error, note?.name === name ? this.#unpacked(note.bytes) : undefined);
    });
  }

  #load(after: string): void {
    this.#parts.store.notes('hint', '', after, PAGE, (error, notes) => {
      if (this.#stopped) return;
      if (error !== null) this.#parts.tools.log.warn({ error: error.message }, 'hints cannot be read');
      for (const { bytes } of notes) {
        const kept = this.#unpacked(bytes);
        if (kept !== undefined) this.#book.add(kept.target, { ...kept, bytes: bytes.length });
      }
      if (notes.length === PAGE) this.#load(notes.at(-1)!.name);
    });
  }

  #unpacked(bytes: Uint8Array): KeptHint | undefined {
    try {
      return this.#parts.codec.unpackHint(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.tools.log.error({ reason }, 'a hint on this disk is damaged; anti-entropy has to do its work');
      return undefined;
    }
  }

  /** Forgets what is too old, and goes on with what could not be handed over. */
  #sweep(): void {
    const { clock, replica } = this.#parts.tools;
    for (const { target, hint } of this.#book.expired(Math.floor(clock.physicalMicros() / 1_000))) {
      replica.note(noteOf(target, hint.key, null));
      this.#expired += 1;
    }
    for (const target of this.#book.targets()) this.drain(target);
    this.#timer = clock.setTimer(HINT_SWEEP_PERIOD_MS, () => {
      this.#sweep();
    });
  }
}

function noteName(target: string, key: string): string {
  return `${target}\n${key}`;
}

function noteOf(target: string, key: string, bytes: Uint8Array | null): NoteChange {
  return { space: 'hint', name: noteName(target, key), bytes };
}
