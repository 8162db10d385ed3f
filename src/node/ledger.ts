/**
 * The conflict ledger of one node: every acknowledged write that it held, or was sent, and that another write took the
 * place of without knowing it (core/conflicts). An entry is on disk in the same batch as the write that won.
 */
import { conflictName, conflictOf, isOutdated, mergeConflicts, type Conflict } from '../core/conflict-ledger.js';
import { fateOf, type Evidence, type Held } from '../core/conflicts.js';
import { LEDGER_SWEEP_PERIOD_MS } from '../core/defaults.js';
import type { AcceptMessage } from '../core/peer-message.js';
import type { Record } from '../core/register.js';
import type { Timer } from '../ports/clock.js';
import type { ConflictsDone } from '../ports/admin.js';
import type { NoteCodec } from '../ports/note-codec.js';
import type { Note, Store } from '../ports/store.js';
import type { RecordChange } from './replica.js';
import type { Tools } from './tools.js';

export interface LedgerParts {
  readonly tools: Tools;
  readonly store: Store;
  readonly codec: NoteCodec;
}

const PAGE = 256;

export class Ledger {
  readonly #parts: LedgerParts;
  #timer: Timer | undefined;
  #stopped = false;
  /** Entries made by this node since its start. */
  recorded = 0;
  /** Entries that are in the ledger now. */
  kept = 0;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#count('');
    this.#sweepLater();
  }

  #sweepLater(): void {
    this.#timer = this.#parts.tools.clock.setTimer(LEDGER_SWEEP_PERIOD_MS, () => {
      this.#sweep('');
      if (!this.#stopped) this.#sweepLater();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** In the turn in which a record changes; `settledUntil`: see core/settled-marks. */
  changed({ key, before, after, base }: RecordChange, settledUntil: number): void {
    if (before.state === null || after.state === null || before.accepted === after.accepted) return;
    const evidence = { settledUntil, base: base ?? null, isLive: base !== undefined };
    const loser = { ballot: before.accepted, state: before.state };
    this.#judge(key, loser, { ballot: after.accepted, state: after.state }, evidence);
  }

  /** A latency write has come from its coordinator below what is here. */
  late({ key, ballot, state }: AcceptMessage, { accepted, state: winner }: Record): void {
    if (winner === null) return;
    const evidence = { settledUntil: 0, base: null, isLive: true };
    this.#judge(key, { ballot, state }, { ballot: accepted, state: winner }, evidence);
  }

  /** A page of entries of this node, by key, after the name `after`; its last name goes on from there. */
  list(after: string, limit: number, done: ConflictsDone): void {
    this.#parts.store.notes('conflict', '', after, limit, (error, notes) => {
      const conflicts = notes.map((note) => this.#unpacked(note)).filter((conflict) => conflict !== undefined);
      done(error, conflicts, notes.length === limit ? notes.at(-1)!.name : undefined);
    });
  }

  #judge(key: string, loser: Held, winner: Held, evidence: Evidence): void {
    const fate = fateOf(loser, winner, evidence);
    if (fate === 'superseded') return;
    const { self, clock } = this.#parts.tools;
    const seen = { key, loser, winner, certain: fate === 'certain', node: self.node, now: clock.physicalMicros() };
    this.#record(conflictOf(seen));
  }

  /** At once, so that it is as durable as the write that won; what was listed under its name before is merged after. */
  #record(conflict: Conflict): void {
    const { tools, store, codec } = this.#parts;
    const name = conflictName(conflict.key, conflict.discarded.version);
    this.recorded += 1;
    tools.replica.note({ space: 'conflict', name, bytes: codec.packConflict(conflict) });
    store.notes('conflict', name, '', 1, (error, [known]) => {
      const other = error === null && known?.name === name ? this.#unpacked(known) : undefined;
      const isOwn = other?.seenAt === conflict.seenAt;
      if (other === undefined || isOwn) this.kept += 1;
      if (other === undefined || isOwn) return;
      tools.replica.note({ space: 'conflict', name, bytes: codec.packConflict(mergeConflicts(other, conflict)) });
    });
  }

  /** What the ledger held before this process. */
  #count(after: string): void {
    this.#parts.store.notes('conflict', '', after, PAGE, (error, notes) => {
      if (this.#stopped || error !== null) return;
      this.kept += notes.length;
      if (notes.length === PAGE) this.#count(notes.at(-1)!.name);
    });
  }

  #sweep(after: string): void {
    const { tools, store } = this.#parts;
    store.notes('conflict', '', after, PAGE, (error, notes) => {
      if (this.#stopped || error !== null) return;
      const now = tools.clock.physicalMicros();
      for (const note of notes) {
        const conflict = this.#unpacked(note);
        if (conflict !== undefined && !isOutdated(conflict, now)) continue;
        tools.replica.note({ space: 'conflict', name: note.name, bytes: null });
        this.kept -= 1;
      }
      if (notes.length === PAGE) this.#sweep(notes.at(-1)!.name);
    });
  }

  #unpacked({ bytes, name }: Note): Conflict | undefined {
    try {
      return this.#parts.codec.unpackConflict(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.tools.log.error({ reason, name }, 'an entry of the conflict ledger is damaged');
      return undefined;
    }
  }
}
