/** Times the acknowledgements of one write on their way to whoever waits for them. */
import { compareBallots, type Ballot } from '../core/ballot.js';
import { COUNTERFACTUAL_TIMEOUT_MS } from '../core/defaults.js';
import type { Clock } from '../ports/clock.js';
import type { LinkReply, ReplySink } from './reply-sink.js';

export interface WriteToTime {
  readonly homes: readonly string[];
  /** Acknowledgements before it is answered. */
  readonly required: number;
  /** When its request came; monotonic. */
  readonly startedMs: number;
}

export class SampledWrite implements ReplySink {
  readonly #arrivals = new Map<string, number>();
  readonly #answered = new Set<string>();
  #inner: ReplySink | undefined;
  #token = 0;
  #ballot: Ballot | undefined;

  constructor(
    readonly write: WriteToTime,
    private readonly clock: Clock,
    private readonly onDone: (done: SampledWrite) => void,
  ) {}

  /** Its accept is sent under this ballot; what came in for an earlier one does not count. */
  around(inner: ReplySink, token: number, ballot: Ballot): ReplySink {
    this.#inner = inner;
    this.#token = token;
    this.#ballot = ballot;
    this.#arrivals.clear();
    this.#answered.clear();
    return this;
  }

  /** When each replica had it, since the request came; those that did not answer in time are missing. */
  get arrivals(): ReadonlyMap<string, number> {
    return this.#arrivals;
  }

  get isLate(): boolean {
    return this.clock.monotonicMs() - this.write.startedMs >= COUNTERFACTUAL_TIMEOUT_MS;
  }

  onReply(token: number, from: string, reply: LinkReply): void {
    if (token === this.#token && !this.#answered.has(from)) this.#note(from, reply);
    this.#inner?.onReply(token, from, reply);
  }

  #note(from: string, reply: LinkReply): void {
    this.#answered.add(from);
    // A replica that holds a later write has acknowledged this one too (PROTOCOL.md rule 10).
    const holds =
      reply.kind === 'accepted' || (reply.kind === 'nack' && compareBallots(reply.accepted, this.#ballot!) > 0);
    if (holds && !this.isLate) this.#arrivals.set(from, this.clock.monotonicMs() - this.write.startedMs);
    if (this.#answered.size === this.write.homes.length && this.#arrivals.size >= this.write.required)
      this.onDone(this);
  }
}
