/**
 * Asks all home replicas what they hold of one key, after a read of it was answered: plain reads over the links, as a
 * quorum read sends them, and which writes of the key they have acknowledged.
 */
import type { AcknowledgedWrite } from '../core/acknowledged-writes.js';
import type { Micros } from '../core/ballot.js';
import { CounterfactualRead, type ActualAnswer } from '../core/counterfactual-read.js';
import type { TimedWrite } from '../core/delay-book.js';
import { COUNTERFACTUAL_TIMEOUT_MS } from '../core/defaults.js';
import type { State } from '../core/state.js';
import type { HeldVersion, Place } from '../core/staleness.js';
import { NO_VERSION } from '../core/version.js';
import type { LinkReply, ReplySink } from './reply-sink.js';
import type { Tools } from './tools.js';

export interface ReadToSample {
  readonly key: string;
  readonly homes: readonly string[];
  readonly actual: ActualAnswer | undefined;
  /** Writes of the key that this node has acknowledged. */
  readonly acknowledged: readonly AcknowledgedWrite[];
  /** A peer has told how long a write of its took. */
  readonly onTimed: (writer: string, timed: TimedWrite) => void;
}

const HELD = 1;
const ACKNOWLEDGED = 2;

export class SampledRead implements ReplySink {
  readonly read: CounterfactualRead;
  readonly #tools: Tools;
  readonly #key: string;
  readonly #others: readonly string[];
  readonly #onTimed: ReadToSample['onTimed'];
  readonly #onDone: (done: SampledRead) => void;
  readonly #startedMs: number;
  #own: HeldVersion | undefined;
  #owing: number;

  constructor(tools: Tools, sample: ReadToSample, onDone: (done: SampledRead) => void) {
    const { self, clock } = tools;
    this.#tools = tools;
    this.#key = sample.key;
    this.#others = sample.homes.filter((id) => id !== self.node);
    this.#onTimed = sample.onTimed;
    this.#onDone = onDone;
    this.#startedMs = clock.monotonicMs();
    // Both answers of every other home replica.
    this.#owing = this.#others.length * 2;
    this.read = new CounterfactualRead({
      self: self.node,
      homes: sample.homes,
      begunAt: clock.physicalMicros(),
      actual: sample.actual,
    });
    this.read.onAcknowledged(self.node, sample.acknowledged);
  }

  start(): void {
    const { replica, links, self } = this.#tools;
    const key = this.#key;
    replica.durable(key, ({ accepted, state }) => {
      this.#own = this.#held(accepted, state);
      this.read.onHeld(self.node, this.#own, this.#elapsedMs());
      const asked = this.#others.filter((id) => links.canSend(id));
      links.request(asked, { kind: 'read', key, known: accepted }, this, HELD);
      for (const id of asked) links.repair(id, { kind: 'acknowledged', key }, this, ACKNOWLEDGED);
      this.#settle(this.#others.length * 2 - asked.length * 2);
    });
  }

  get isLate(): boolean {
    return this.#elapsedMs() >= COUNTERFACTUAL_TIMEOUT_MS;
  }

  onReply(token: number, from: string, reply: LinkReply): void {
    if (this.isLate) return;
    if (token === ACKNOWLEDGED) this.#onAcknowledged(from, reply);
    else if (reply.kind === 'same') this.read.onHeld(from, this.#own!, this.#elapsedMs());
    else if (reply.kind === 'found') this.read.onHeld(from, this.#held(reply.accepted, reply.state), this.#elapsedMs());
    else this.read.onSilence(from);
    this.#settle(1);
  }

  #onAcknowledged(from: string, reply: LinkReply): void {
    if (reply.kind !== 'repaired' || reply.reply.kind !== 'acknowledged') return;
    if (reply.reply.timed !== null) this.#onTimed(from, reply.reply.timed);
    const offset: Micros = this.#tools.links.clockOffsetMs(from) * 1_000;
    this.read.onAcknowledged(
      from,
      reply.reply.writes.map(({ version, at }) => ({ version, at: at - offset })),
    );
  }

  #held(accepted: Place, state: State | null): HeldVersion {
    const isAbsent = state === null || !state.hasValue || state.isExpired(this.#tools.clock.physicalMicros());
    return { accepted, version: state?.version ?? NO_VERSION, weak: state?.weak === true, isAbsent };
  }

  #elapsedMs(): number {
    return this.#tools.clock.monotonicMs() - this.#startedMs;
  }

  #settle(answers: number): void {
    this.#owing -= answers;
    if (this.#owing === 0) this.#onDone(this);
  }
}
