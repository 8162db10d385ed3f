/**
 * A coordinator's rules for reading one key from several home replicas (PROTOCOL.md rules 9 and 10): an
 * accumulator that is told each answer and says what to do next.
 */
import { compareBallots, NO_BALLOT, sameBallot, type Ballot } from './ballot.js';
import { majority } from './level.js';
import { countBits } from './bits.js';
import type { ReplyOrSilence } from './peer-message.js';
import type { Record } from './register.js';
import type { State } from './state.js';

export interface QuorumReadOptions {
  readonly replicas: readonly string[];
  /** Replicas that must agree: a majority, or all. */
  readonly required: number;
  /** True: rule 9, what is returned is chosen. False: the newest of the answers (last writer wins). */
  readonly consistent: boolean;
}

export type ReadStep =
  /** Rule 9: bring all replicas to the highest accepted state; raises no promise. */
  | { readonly do: 'repair'; readonly ballot: Ballot; readonly state: State }
  /** The repair was refused: prepare and accept the state again under a fresh ballot. */
  | { readonly do: 'identity' }
  /** Too many of the replicas that were asked cannot answer: ask the others. */
  | { readonly do: 'spread' }
  | { readonly do: 'finish' }
  | { readonly do: 'fail' };

export interface ReadResult {
  readonly accepted: Ballot;
  readonly state: State | null;
  /** Home replicas known to hold exactly this. */
  readonly holding: number;
  /** Home replicas whose answers the level counts: those, or all that answered, or that hold a later write. */
  readonly answered: number;
}

export class QuorumRead {
  readonly #options: QuorumReadOptions;
  #known: Ballot = NO_BALLOT;
  #best: Ballot = NO_BALLOT;
  #bestState: State | null = null;
  /** Who reported exactly the best ballot, and who answered at all. */
  #agreeing = 0;
  #answered = 0;
  /** Unreachable, or refused to answer. */
  #silent = 0;
  /** During a repair: holds a later write, which acknowledges ALL but not the majority (rule 10). */
  #superseded = 0;
  #asked = 0;
  #repairing = false;
  #rounds = 0;

  constructor(options: QuorumReadOptions) {
    this.#options = options;
  }

  get known(): Ballot {
    return this.#known;
  }

  get rounds(): number {
    return this.#rounds;
  }

  get repairing(): boolean {
    return this.#repairing;
  }

  get result(): ReadResult {
    const counted = this.#options.consistent ? this.#agreeing | this.#superseded : this.#answered;
    return { accepted: this.#best, state: this.#bestState, holding: this.#agreeing, answered: counted };
  }

  /** Home replicas that were not asked yet. */
  get unasked(): readonly string[] {
    return this.#options.replicas.filter((_, index) => (this.#asked & (2 ** index)) === 0);
  }

  /** This node's own record, durable; it counts as one answer. */
  begin(self: string, record: Record): void {
    const bit = this.#bit(self);
    this.#known = record.accepted;
    this.#best = record.accepted;
    this.#bestState = record.state;
    this.#agreeing = bit;
    this.#answered = bit;
    this.#asked = bit;
  }

  /** These replicas are being asked. */
  ask(replicas: readonly string[]): void {
    this.#rounds = 1;
    for (const replica of replicas) this.#asked |= this.#bit(replica);
  }

  /** The answer of one replica to the read, or to the repair once that has begun. */
  onReply(from: string, reply: ReplyOrSilence): ReadStep | undefined {
    const bit = this.#bit(from);
    if (this.#repairing) return this.#onRepairReply(bit, reply);
    if ((this.#answered & bit) !== 0) return undefined;
    if (reply.kind === 'same') this.#count(bit, this.#known, null);
    else if (reply.kind === 'found') this.#count(bit, reply.accepted, reply.state);
    else return this.#onSilence(bit);
    return this.#decide();
  }

  /** The repair has waited long enough for those that did not answer. */
  onRepairLate(): ReadStep | undefined {
    return this.#repairing ? { do: 'identity' } : undefined;
  }

  #count(bit: number, accepted: Ballot, state: State | null): void {
    this.#answered |= bit;
    if (sameBallot(accepted, this.#best)) this.#agreeing |= bit;
    else if (compareBallots(accepted, this.#best) > 0) {
      this.#best = accepted;
      this.#bestState = state;
      this.#agreeing = bit;
    }
  }

  #decide(): ReadStep | undefined {
    const { required, consistent } = this.#options;
    if (countBits(this.#agreeing) >= required) return { do: 'finish' };
    if (countBits(this.#answered) < required) return undefined;
    if (!consistent || this.#bestState === null) return { do: 'finish' };
    this.#repairing = true;
    this.#rounds += 1;
    this.#agreeing = 0;
    this.#silent = 0;
    return { do: 'repair', ballot: this.#best, state: this.#bestState };
  }

  #onSilence(bit: number): ReadStep | undefined {
    this.#silent |= bit;
    const { replicas, required } = this.#options;
    if (replicas.length - countBits(this.#silent) < required) return { do: 'fail' };
    return this.unasked.length > 0 ? { do: 'spread' } : undefined;
  }

  #onRepairReply(bit: number, reply: ReplyOrSilence): ReadStep | undefined {
    if (reply.kind === 'accepted') this.#agreeing |= bit;
    else if (reply.kind === 'nack' && compareBallots(reply.accepted, this.#best) > 0) this.#superseded |= bit;
    else this.#silent |= bit;
    const { replicas, required } = this.#options;
    const needed = majority(replicas.length);
    const hold = countBits(this.#agreeing | this.#superseded);
    if (countBits(this.#agreeing) >= needed && hold >= required) return { do: 'finish' };
    const lostMajority = replicas.length - countBits(this.#silent | this.#superseded) < needed;
    const lostLevel = replicas.length - countBits(this.#silent) < required;
    return lostMajority || lostLevel ? { do: 'identity' } : undefined;
  }

  #bit(replica: string): number {
    const index = this.#options.replicas.indexOf(replica);
    return index < 0 ? 0 : 2 ** index;
  }
}
