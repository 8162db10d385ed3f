/**
 * Rule 11: a write that prepares nothing. One accept under the operation's own ballot to every home replica,
 * answered after as many durable copies as the level asks for; last writer wins.
 */
import { compareBallots, sameBallot, type Ballot } from './ballot.js';
import { countBits } from './bits.js';
import type { ReplyOrSilence } from './peer-message.js';

export type LatencyStep =
  | { readonly do: 'finish' }
  /** Promises above the operation's ballot leave too few replicas: the slow path, with the same operation. */
  | { readonly do: 'prepare' }
  | { readonly do: 'fail' };

export class LatencyWrite {
  #accepted = 0;
  /** Holds a newer write: the level counts it, the receipt says so. */
  #superseded = 0;
  #refused = 0;
  /** Did not take it: overload, another epoch, a clock too far behind. */
  #declined = 0;
  /** Was sent it and did not answer: may have it. */
  #silent = 0;
  #finished = false;

  constructor(
    private readonly replicas: readonly string[],
    private readonly ballot: Ballot,
    private readonly required: number,
  ) {}

  get acceptedMask(): number {
    return this.#accepted;
  }

  get acknowledgedMask(): number {
    return this.#accepted | this.#superseded;
  }

  /** Some replica already held a newer write, so this one may never be read. */
  get superseded(): boolean {
    return this.#superseded !== 0;
  }

  /**
   * Whether a copy may exist. Once it was sent to others there is no telling: a refusal is the answer to one copy of
   * the message, a network may have delivered another one before, and a node that hints keeps one for later.
   */
  get mayHaveApplied(): boolean {
    return this.replicas.length > 1 || (this.#accepted | this.#silent | this.#unanswered) !== 0;
  }

  get #unanswered(): number {
    const answered = this.#accepted | this.#superseded | this.#refused | this.#declined | this.#silent;
    return (2 ** this.replicas.length - 1) & ~answered;
  }

  onReply(from: string, reply: ReplyOrSilence): LatencyStep | undefined {
    const index = this.replicas.indexOf(from);
    if (index < 0 || this.#finished) return undefined;
    const bit = 2 ** index;
    if (reply.kind === 'accepted' || this.#isHeldBy(reply)) this.#accepted |= bit;
    else if (reply.kind === 'nack' && compareBallots(reply.accepted, this.ballot) > 0) this.#superseded |= bit;
    else if (reply.kind === 'nack') this.#refused |= bit;
    else if (reply.kind === 'unreachable') this.#silent |= bit;
    else this.#declined |= bit;
    return this.#decide();
  }

  /** A promise came after it, and refuses a second copy. */
  #isHeldBy(reply: ReplyOrSilence): boolean {
    return reply.kind === 'nack' && sameBallot(reply.accepted, this.ballot);
  }

  #decide(): LatencyStep | undefined {
    if (countBits(this.acknowledgedMask) >= this.required) return this.#end({ do: 'finish' });
    if (this.replicas.length - countBits(this.#refused | this.#declined | this.#silent) >= this.required)
      return undefined;
    return this.#end({ do: this.#refused !== 0 ? 'prepare' : 'fail' });
  }

  #end(step: LatencyStep): LatencyStep {
    this.#finished = true;
    return step;
  }
}
