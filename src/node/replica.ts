/**
 * One node's copy of the registers: applies the rules of core/register to records, and answers only what is
 * durable (PROTOCOL.md rule 3).
 */
import {
  compareBallots,
  isNone,
  maxBallot,
  NO_BALLOT,
  sameBallot,
  type Ballot,
  type Micros,
  type ProcessId,
} from '../core/ballot.js';
import { collect } from '../core/collection.js';
import { CLOCK_BOUND_MS } from '../core/defaults.js';
import { ACCEPTED, SAME, type AcceptMessage, type PeerMessage, type PeerReply } from '../core/peer-message.js';
import { accept, atFloor, emptyRecord, prepare, type Record, type ReplicaContext } from '../core/register.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { NoteChange, Store } from '../ports/store.js';
import { floorNote } from './node-memory.js';
import { GroupCommit } from './group-commit.js';
import { RegisterCache, type Entry } from './register-cache.js';
import type { ReplySink } from './reply-sink.js';

export interface ReplicaOptions {
  readonly self: ProcessId;
  readonly clock: Clock;
  readonly store: Store;
  readonly log: Log;
  readonly cacheBytesMax: number;
  /** F as it was loaded from the store. */
  readonly floor: Ballot;
  /** A record has changed, and is not durable yet. */
  readonly onChanged: (change: RecordChange) => void;
  /** A latency write has come from its coordinator, below what is here. */
  readonly onLate: (message: AcceptMessage, record: Record) => void;
  readonly onFatal: (error: Error) => void;
}

export interface RecordChange {
  readonly key: string;
  readonly before: Record;
  readonly after: Record;
  /** The node that sent it, which holds it too; this one for its own. */
  readonly from: string;
  /** Of a latency write from its own coordinator: what that held. */
  readonly base: Ballot | undefined;
}

export class Replica {
  readonly #options: ReplicaOptions;
  readonly #cache: RegisterCache;
  readonly #commit: GroupCommit;
  readonly #loading = new Map<string, ((entry: Entry) => void)[]>();
  #toLoad: string[] = [];
  #floor: Ballot;
  cacheHits = 0;
  cacheMisses = 0;
  readonly #context: ReplicaContext;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#floor = options.floor;
    this.#cache = new RegisterCache(options.cacheBytesMax);
    this.#commit = new GroupCommit({ ...options, floor: () => this.#floor });
    this.#context = new Context(options.clock, () => this.#floor);
  }

  get commits(): number {
    return this.#commit.commits;
  }

  get recordsCommitted(): number {
    return this.#commit.recordsCommitted;
  }

  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  whenIdle(run: () => void): void {
    this.#commit.whenIdle(run);
  }

  /** Written in the same batch as the records that have changed in this turn. */
  note(change: NoteChange): void {
    this.#commit.addNote(change);
  }

  /** Calls back once all that was changed and noted so far is durable. */
  whenWritten(run: () => void): void {
    this.#commit.whenWritten(run);
  }

  /** Carries out what a coordinator asks, this node's own included; answers once it is durable. */
  handle(message: PeerMessage, sink: ReplySink, token: number, from = this.#options.self.node): void {
    const entry = this.#cached(message.key);
    if (entry !== undefined) this.#answer(entry, this.#apply(message, entry, from), sink, token);
    else
      this.#fetch(message.key, (fetched) => {
        this.#answer(fetched, this.#apply(message, fetched, from), sink, token);
      });
  }

  /**
   * Rule 17 at this replica: removes the record, raising F in the same synced batch, if it is what was verified.
   * `done` is told once that is durable.
   */
  collect(key: string, accepted: Ballot, olderThan: Micros, done: (removed: boolean) => void): void {
    this.#load(key, (entry) => {
      const floor = collect(entry.record, accepted, olderThan);
      if (floor === undefined) {
        done(false);
        return;
      }
      this.#floor = maxBallot(this.#floor, floor);
      this.#commit.addNote(floorNote(this.#floor));
      this.#change(key, entry, emptyRecord(this.#floor), this.#options.self.node);
      this.#cache.resized(key, entry);
      this.#commit.whenDurable(entry, () => {
        done(true);
      });
    });
  }

  /**
   * The newest local record, durable or not, and the turn in which it is the newest: what is done before
   * returning sees no other change (rule 6a).
   */
  newest(key: string, use: (record: Record) => void): void {
    this.#load(key, (entry) => {
      use(entry.record);
    });
  }

  /** The record as it is now, once it is durable. */
  durable(key: string, use: (record: Record) => void): void {
    this.#load(key, (entry) => {
      const { record } = entry;
      if (entry.commit === 0) use(record);
      else
        this.#commit.whenDurable(entry, () => {
          use(record);
        });
    });
  }

  #apply(message: PeerMessage, entry: Entry, from: string): PeerReply {
    switch (message.kind) {
      case 'accept':
        return this.#accept(entry, message, from);
      case 'prepare':
        return this.#prepare(entry, message.key, message.ballot, from);
      case 'read': {
        const { accepted, state } = entry.record;
        return sameBallot(accepted, message.known) ? SAME : { kind: 'found', accepted, state };
      }
    }
  }

  #accept(entry: Entry, message: AcceptMessage, from: string): PeerReply {
    const { key, ballot, state, base } = message;
    const result = accept(entry.record, ballot, state, this.#context);
    if (result.kind === 'changed') {
      this.#change(key, entry, result.record, from, base);
      this.#cache.resized(key, entry);
      return ACCEPTED;
    }
    if (result.kind === 'unchanged') return ACCEPTED;
    if (result.kind === 'nack' && base !== undefined && compareBallots(result.accepted, ballot) > 0)
      this.#options.onLate(message, entry.record);
    if (result.kind === 'alarm')
      this.#options.log.error(
        { key, ballot, reason: result.reason },
        'an accept was refused that no correct node sends',
      );
    return result;
  }

  #prepare(entry: Entry, key: string, ballot: Ballot, from: string): PeerReply {
    const before = atFloor(entry.record, this.#floor);
    const result = prepare(before, ballot, this.#context);
    if (result.kind !== 'changed') return result;
    this.#change(key, entry, result.record, from);
    const { accepted, state, maxOpTime } = before;
    const floor = state === null ? this.#floor : NO_BALLOT;
    return { kind: 'promised', accepted, state, maxOpTime, incarnation: this.#options.self.incarnation, floor };
  }

  #change(key: string, entry: Entry, after: Record, from: string, base?: Ballot): void {
    const before = entry.record;
    entry.record = after;
    // Before anything else may move the cache: an entry that is not durable is never dropped from it.
    this.#commit.add(key, entry);
    this.#options.onChanged({ key, before, after, from, base });
  }

  #answer(entry: Entry, reply: PeerReply, sink: ReplySink, token: number): void {
    const { node } = this.#options.self;
    // Where nothing is accepted the promise may be F, which becomes durable apart from this entry.
    const mayTellFloor = reply.kind === 'nack' && isNone(reply.accepted);
    if (entry.commit === 0 && !mayTellFloor) return sink.onReply(token, node, reply);
    const answer = (): void => {
      sink.onReply(token, node, reply);
    };
    if (mayTellFloor) this.#commit.whenWritten(answer);
    else this.#commit.whenDurable(entry, answer);
  }

  #load(key: string, use: (entry: Entry) => void): void {
    const entry = this.#cached(key);
    if (entry !== undefined) use(entry);
    else this.#fetch(key, use);
  }

  #cached(key: string): Entry | undefined {
    const entry = this.#cache.get(key);
    if (entry !== undefined) this.cacheHits += 1;
    return entry;
  }

  #fetch(key: string, use: (entry: Entry) => void): void {
    this.cacheMisses += 1;
    const waiting = this.#loading.get(key);
    if (waiting !== undefined) {
      waiting.push(use);
      return;
    }
    this.#loading.set(key, [use]);
    if (this.#toLoad.push(key) === 1)
      this.#options.clock.defer(() => {
        this.#readBatch();
      });
  }

  #readBatch(): void {
    const keys = this.#toLoad;
    this.#toLoad = [];
    this.#options.store.read(keys, (error, records) => {
      if (error !== null) this.#options.onFatal(error);
      else
        keys.forEach((key, index) => {
          this.#onLoaded(key, records[index]);
        });
    });
  }

  #readmit(key: string, entry: Entry): Entry {
    this.#cache.add(key, entry);
    return entry;
  }

  #onLoaded(key: string, record: Record | undefined): void {
    const entry: Entry = { record: record ?? emptyRecord(this.#floor), commit: 0, bytes: 0 };
    this.#cache.add(key, entry);
    // Each looks the key up again: what one of them does may rotate the cache and drop a clean entry. If it
    // then asks for this key, it joins the end of this same list: a second load would bring an older record.
    for (const use of this.#loading.get(key) ?? []) use(this.#cache.get(key) ?? this.#readmit(key, entry));
    this.#loading.delete(key);
  }
}

/** One for all messages: the clock is read only where a rule asks for it. */
class Context implements ReplicaContext {
  readonly clockBound = CLOCK_BOUND_MS * 1_000;

  constructor(
    private readonly clock: Clock,
    private readonly floorNow: () => Ballot,
  ) {}

  get now(): Micros {
    return this.clock.physicalMicros();
  }

  get floor(): Ballot {
    return this.floorNow();
  }
}
