/** One life of one pipe: what is queued for this turn of the event loop, and what was sent and not answered yet. */
import type { Micros, ProcessId } from '../core/ballot.js';
import { LINK_QUEUE_BYTES_MAX, PIPE_LOST_AFTER_MS } from '../core/defaults.js';
import { IdTable } from '../core/id-table.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Hello, Pipe, PipeEvents, PipeReply, PipeTransport } from '../ports/pipe.js';
import type { Attempt, AttemptSink } from './call.js';
import type { Exchange } from './cluster-clock.js';
import { Silence } from './silence.js';

/** The shortest thing that a node sends back. */
const QUESTION = [{ id: 0, key: '', value: new Uint8Array(0) }];

export interface SessionParts {
  readonly transport: PipeTransport;
  readonly clock: Clock;
  readonly client: ProcessId;
  readonly sink: AttemptSink;
}

export interface SessionOwner {
  opened(hello: Hello, exchange: Exchange): void;
  changed(hello: Hello): void;
  /** Answers came, also to what nobody waits for any more. */
  heard(batch: readonly PipeReply[]): void;
  /** Once; before the attempts that are lost with the session are reported. */
  closed(reason: Error): void;
  /** It has said nothing for so long that others are better asked; `heardAgain` or `closed` follows. */
  silent(): void;
  heardAgain(): void;
  /** A reply told the node's clock. */
  timed(exchange: Exchange): void;
}

export class PipeSession implements PipeEvents {
  readonly #parts: SessionParts;
  readonly #owner: SessionOwner;
  readonly #unanswered = new IdTable<Attempt>();
  #pipe: Pipe | undefined;
  #phase: 'opening' | 'open' | 'closed' = 'opening';
  #startedMs = 0;
  #connectTimer: Timer | undefined;
  #queue: Attempt[] = [];
  #flushing = false;
  #congested = false;
  #nextId = 1;
  readonly #silence = new Silence();
  /** A question whether the node is there is not answered yet. */
  #isAsking = false;

  constructor(parts: SessionParts, owner: SessionOwner) {
    this.#parts = parts;
    this.#owner = owner;
  }

  start(address: string, timeoutMs: number): void {
    const { transport, clock, client } = this.#parts;
    this.#startedMs = clock.monotonicMs();
    this.#connectTimer = clock.setTimer(timeoutMs, () => {
      if (this.#phase === 'opening') this.close(new Error(`it did not answer within ${timeoutMs} ms`));
    });
    try {
      this.#pipe = transport.open(address, client, this);
    } catch (error) {
      this.closed(error as Error);
    }
    // It may have been lost while it was opened.
    if (this.#hasEnded()) this.#pipe?.close();
  }

  /** Whether an attempt handed over now would be sent at once. */
  get ready(): boolean {
    if (this.#phase !== 'open') return false;
    if (this.#congested) this.#congested = this.#isCongested();
    return !this.#congested;
  }

  /** Whether the node has said nothing for a while. */
  get isSilent(): boolean {
    return this.#silence.isSilent;
  }

  beat(awakeMs: number): void {
    if (this.#phase !== 'open' || this.#pipe === undefined) return;
    const wasSilent = this.#silence.isSilent;
    const hearing = this.#silence.beat(awakeMs, this.#pipe.queuedBytes);
    if (hearing === 'heard') return;
    if (hearing === 'lost') return this.close(new Error(`it has said nothing for ${PIPE_LOST_AFTER_MS} ms`));
    if (hearing === 'silent' && !wasSilent) this.#owner.silent();
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#pipe.echo(QUESTION);
  }

  /** Sent with everything else of this turn of the event loop, as one batch. */
  send(attempt: Attempt): void {
    attempt.id = this.#nextId;
    this.#nextId += 1;
    this.#queue.push(attempt);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#parts.clock.defer(this.#flush);
  }

  forget(attempt: Attempt): void {
    if (this.#unanswered.get(attempt.id) === attempt) this.#unanswered.delete(attempt.id);
  }

  close(reason: Error): void {
    if (this.#hasEnded()) return;
    this.closed(reason);
    this.#pipe?.close();
  }

  opened(hello: Hello): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'open';
    this.#connectTimer?.cancel();
    const receivedMs = this.#parts.clock.monotonicMs();
    this.#owner.opened(hello, { sentMs: this.#startedMs, receivedMs, clock: hello.clock });
  }

  changed(hello: Hello): void {
    this.#noteHeard();
    if (this.#phase === 'open') this.#owner.changed(hello);
  }

  replied(batch: readonly PipeReply[], clock: Micros): void {
    if (this.#phase !== 'open') return;
    this.#noteHeard();
    this.#owner.heard(batch);
    this.#tellTime(batch, clock);
    for (const { id, reply } of batch) {
      const attempt = this.#unanswered.get(id);
      if (attempt === undefined) continue;
      this.#unanswered.delete(id);
      this.#parts.sink.replied(attempt, reply);
    }
  }

  echoed(): void {
    this.#isAsking = false;
    this.#noteHeard();
  }

  closed(reason: Error): void {
    if (this.#hasEnded()) return;
    this.#phase = 'closed';
    this.#connectTimer?.cancel();
    this.#owner.closed(reason);
    const unsent = this.#queue;
    const unanswered = this.#unanswered.entries();
    this.#queue = [];
    this.#unanswered.clear();
    for (const attempt of unsent) this.#parts.sink.lost(attempt, false, reason);
    for (const [, attempt] of unanswered) this.#parts.sink.lost(attempt, true, reason);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    if (this.#phase !== 'open' || this.#pipe === undefined) return;
    // A late answer to an earlier attempt may have settled the call meanwhile.
    const batch = this.#queue.filter(isWanted);
    this.#queue = [];
    const sentMs = this.#parts.clock.monotonicMs();
    for (const attempt of batch) {
      attempt.sentMs = sentMs;
      this.#unanswered.add(attempt.id, attempt);
      this.#parts.sink.sent(attempt);
    }
    try {
      this.#pipe.send(batch);
      this.#congested = this.#isCongested();
    } catch (error) {
      this.close(error as Error);
    }
  };

  /** From the last reply, which waited least for the rest of its batch. */
  #tellTime(batch: readonly PipeReply[], clock: Micros): void {
    const attempt = this.#unanswered.get(batch[batch.length - 1]?.id ?? 0);
    if (attempt === undefined) return;
    this.#owner.timed({ sentMs: attempt.sentMs, receivedMs: this.#parts.clock.monotonicMs(), clock });
  }

  #noteHeard(): void {
    if (this.#silence.heard() && this.#phase === 'open') this.#owner.heardAgain();
  }

  #isCongested(): boolean {
    return (this.#pipe?.queuedBytes ?? 0) > LINK_QUEUE_BYTES_MAX;
  }

  #hasEnded(): boolean {
    return this.#phase === 'closed';
  }
}

function isWanted({ call }: Attempt): boolean {
  return call.phase === 'asked';
}
