/**
 * The coordinator's rules for the mutations of one key (PROTOCOL.md rules 6, 7, 10 and 13), as a machine that
 * is told what happened and says what to do next. It performs nothing itself.
 *
 * One proposer carries one batch of operations to its end; with no operations it is an identity round.
 */
import {
  BALLOT_SUB_MAX,
  compareBallots,
  maxBallot,
  NO_BALLOT,
  sameBallot,
  sameProcess,
  successor,
  type Ballot,
  type Micros,
  type ProcessId,
} from './ballot.js';
import { adopt } from './adoption.js';
import { countBits } from './bits.js';
import { majority } from './level.js';
import { applyOperations, type Outcome } from './mutation.js';
import type { Promised, ReplyOrSilence } from './peer-message.js';
import { highest, type Nack, type Record } from './register.js';
import type { ProposerOptions } from './proposer-options.js';
import type { Failure, Step } from './proposer-step.js';
import { State } from './state.js';

type Phase = 'idle' | 'preparing' | 'accepting' | 'chosen' | 'finished';

export class Proposer {
  readonly #options: ProposerOptions;
  readonly #everyone: number;
  #phase: Phase = 'idle';
  /** Replies are counted for one attempt only: a late one from an earlier ballot must not be. */
  #attempt = 0;
  #ballot: Ballot = NO_BALLOT;
  #state: State = State.absent(0);
  #promises: (Promised | undefined)[] = [];
  #accepted = 0;
  /** Replicas that hold a later state: acknowledgements for ALL, never for the majority (rule 6c, D6). */
  #superseded = 0;
  #refused = 0;
  #unreachable = 0;
  #skewed = 0;
  /** The highest ballot any replica named. */
  #seen: Ballot = NO_BALLOT;
  #outcomes: readonly Outcome[] = [];
  #sent: readonly boolean[];
  #rounds = 0;
  #catchingUp = false;
  #failure: Failure | undefined;

  constructor(options: ProposerOptions) {
    this.#options = options;
    this.#everyone = 2 ** options.replicas.length - 1;
    this.#sent = options.mayHaveApplied ?? [];
  }

  get attempt(): number {
    return this.#attempt;
  }

  /** Nothing is to be sent any more, whatever was still being loaded. */
  get isFinished(): boolean {
    return this.#phase === 'finished';
  }

  get isChosen(): boolean {
    return this.#phase === 'chosen';
  }

  get rounds(): number {
    return this.#rounds;
  }

  /** undefined: the batch was chosen, or nothing had to be; the outcomes hold. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Whether an accept in which this operation applied was ever sent: after that, failure means unknown (rule 7f). */
  mayHaveApplied(operation: number): boolean {
    return this.#sent[operation] === true;
  }

  get outcomes(): readonly Outcome[] {
    return this.#outcomes;
  }

  /** What is chosen now, for reads that went through an identity round. */
  get chosen(): { readonly ballot: Ballot; readonly state: State } {
    return { ballot: this.#ballot, state: this.#state };
  }

  /** Home replicas known to hold the chosen state under its ballot. */
  get acceptedMask(): number {
    return this.#accepted;
  }

  /** Home replicas known to hold the chosen state or a later one. */
  get acknowledgedMask(): number {
    return this.#accepted | this.#superseded;
  }

  /** The highest ballot seen: the next one is minted above it. */
  get seen(): Ballot {
    return this.#seen;
  }

  /** Whether refusals of too fast a ballot left the last round without a majority (rule 1). */
  get skewed(): boolean {
    return this.#isMajorityLost(this.#skewed);
  }

  /**
   * Rule 6, on the newest local record, in the turn in which that record was read. undefined: this process
   * does not own the key, the slow path has to be taken.
   */
  beginAsOwner(record: Record, now: Micros): Step | undefined {
    if (this.#phase === 'finished') return undefined;
    const { self, operations, above } = this.#options;
    this.observe(record);
    const base = record.state;
    if (base === null || base.blind || base.owner === null || !sameProcess(base.owner, self)) return undefined;
    if (record.accepted.sub >= BALLOT_SUB_MAX) return undefined;
    if (above !== undefined && compareBallots(record.accepted, above) < 0) return undefined;
    const ballot = successor(record.accepted);
    if (compareBallots(record.promised, ballot) > 0) return undefined;
    if (operations.some((op) => op.form !== 'consensus' && compareBallots(ballot, op.id) <= 0)) return undefined;
    this.#apply(base, ballot, base.owner, now);
    return this.#propose(ballot);
  }

  /** What this node's own record has seen: ballots below it would be refused here already. */
  observe(record: Record): void {
    this.#seen = maxBallot(this.#seen, highest(record));
  }

  /** Rule 7a with a ballot freshly minted above {@link seen} and every operation's time. */
  prepare(ballot: Ballot): Step {
    this.#begin('preparing', ballot);
    this.#promises = [];
    return { do: 'prepare', ballot };
  }

  /** An answer to what was sent in `attempt`; `now` is this node's clock. */
  onReply(attempt: number, from: string, reply: ReplyOrSilence, now: Micros): Step | undefined {
    const index = this.#options.replicas.indexOf(from);
    if (attempt !== this.#attempt || index < 0 || this.#phase === 'finished' || this.#phase === 'idle')
      return undefined;
    const bit = 2 ** index;
    switch (reply.kind) {
      case 'promised':
        if (this.#phase === 'preparing') this.#promises[index] = reply;
        break;
      case 'accepted':
        if (this.#phase !== 'preparing') this.#accepted |= bit;
        break;
      case 'nack':
        this.#onNack(bit, reply);
        break;
      case 'skew':
        this.#skewed |= bit;
        this.#refused |= bit;
        break;
      case 'unreachable':
        this.#unreachable |= bit;
        this.#refused |= bit;
        break;
      case 'alarm':
        return this.#fail('alarm');
      default:
        this.#refused |= bit;
    }
    return this.#phase === 'preparing' ? this.#afterPromise(now) : this.#afterAccept();
  }

  /** The identity round of a `catch-up` has ended: these replicas hold the chosen state or a later one. */
  onCaughtUp(acknowledged: number): Step | undefined {
    if (this.#phase !== 'chosen') return undefined;
    this.#superseded |= acknowledged & ~this.#accepted;
    return this.#finish();
  }

  /** The attempt has waited long enough for those that did not answer. */
  onAttemptTimeout(): Step | undefined {
    if (this.#phase === 'chosen') return this.#finish();
    if (this.#phase === 'finished' || this.#phase === 'idle') return undefined;
    return this.#retry();
  }

  /** The caller's deadline has passed. */
  onDeadline(): Step | undefined {
    if (this.#phase === 'chosen') return this.#finish();
    return this.#phase === 'finished' ? undefined : this.#fail(this.skewed ? 'skew' : 'timeout');
  }

  /** A second round of skew refusals, at this node's own clock: it is this node's clock that is wrong. */
  giveUpSkewed(): Step {
    return this.#fail('skew');
  }

  #onNack(bit: number, nack: Nack): void {
    this.#seen = maxBallot(this.#seen, maxBallot(nack.promised, nack.accepted));
    if (this.#phase === 'preparing') {
      // A duplicate of this very prepare is nacked by its own ballot (rule 4).
      if (!sameBallot(nack.promised, this.#ballot)) this.#refused |= bit;
    } else if (compareBallots(nack.accepted, this.#ballot) > 0) this.#superseded |= bit;
    else this.#refused |= bit;
  }

  #afterPromise(now: Micros): Step | undefined {
    const promises = this.#promises.filter((promise) => promise !== undefined);
    const { replicas, mustHear, seed } = this.#options;
    const needed = this.#options.promises ?? majority(replicas.length);
    const unheard = mustHear === undefined ? -1 : replicas.indexOf(mustHear);
    const isHeard = unheard < 0 || this.#promises[unheard] !== undefined;
    if (promises.length < needed || !isHeard) {
      const isLost = replicas.length - countBits(this.#refused) < needed || (!isHeard && this.#hasRefused(unheard));
      return isLost ? this.#onRoundLost() : undefined;
    }
    const { accepted, base } = adopt(promises, seed);
    this.#apply(base, this.#ballot, this.#nextOwner(), now);
    const agreed = promises.every((promise) => sameBallot(promise.accepted, accepted));
    if (this.#state !== base || !agreed || this.#options.waitForAll) return this.#propose(this.#ballot);
    // Rule 7d: nothing changes, nothing is recorded, and the whole majority holds the same.
    this.#accepted = this.#maskOf((promise) => promise !== undefined);
    this.#ballot = accepted;
    return this.#finish();
  }

  #afterAccept(): Step | undefined {
    if (this.#phase === 'accepting') {
      if (countBits(this.#accepted) >= majority(this.#options.replicas.length)) this.#phase = 'chosen';
      else return this.#isMajorityLost(this.#refused | this.#superseded) ? this.#onRoundLost() : undefined;
    }
    if (!this.#options.waitForAll) return this.#finish();
    return this.#waitForTheRest();
  }

  /** Rule 10. A replica that cannot be reached, or whose clock refuses the ballot, is not waited for. */
  #waitForTheRest(): Step | undefined {
    const acknowledged = this.#accepted | this.#superseded;
    const absent = this.#unreachable | this.#skewed;
    if ((acknowledged | absent) === this.#everyone) return this.#finish();
    const blocked = this.#refused & ~acknowledged & ~absent;
    if (blocked === 0 || this.#catchingUp) return undefined;
    if (this.#options.operations.length === 0) return this.#retry();
    this.#catchingUp = true;
    return { do: 'catch-up' };
  }

  #propose(ballot: Ballot): Step {
    this.#begin('accepting', ballot);
    const before = this.#sent;
    this.#sent = this.#outcomes.map((outcome, index) => before[index] === true || outcome.kind === 'applied');
    return { do: 'accept', ballot, state: this.#state };
  }

  #begin(phase: Phase, ballot: Ballot): void {
    this.#phase = phase;
    this.#attempt += 1;
    this.#rounds += 1;
    this.#ballot = ballot;
    this.#seen = maxBallot(this.#seen, ballot);
    this.#accepted = 0;
    this.#superseded = 0;
    this.#refused = 0;
    this.#unreachable = 0;
    this.#skewed = 0;
  }

  #apply(base: State, ballot: Ballot, owner: ProcessId | null, now: Micros): void {
    const { operations, windowSize, lifetime } = this.#options;
    const { state, outcomes } = applyOperations(base, operations, { ballot, owner, now, windowSize, lifetime });
    this.#state = state;
    this.#outcomes = outcomes;
  }

  /** Rule 7c: the key's primary under the incarnation it reported, or this process where it did not reply. */
  #nextOwner(): ProcessId {
    const { self, replicas } = this.#options;
    const primary = this.#promises[0];
    return primary === undefined ? self : { node: replicas[0]!, incarnation: primary.incarnation };
  }

  #isMajorityLost(lost: number): boolean {
    const { length } = this.#options.replicas;
    return length - countBits(lost) < majority(length);
  }

  #hasRefused(index: number): boolean {
    return (this.#refused & (2 ** index)) !== 0;
  }

  #onRoundLost(): Step {
    return this.#isMajorityLost(this.#unreachable) ? this.#fail('unavailable') : this.#retry();
  }

  #retry(): Step {
    this.#phase = 'idle';
    this.#attempt += 1;
    return { do: 'retry' };
  }

  #fail(failure: Failure): Step {
    this.#failure = failure;
    return this.#finish();
  }

  #finish(): Step {
    this.#phase = 'finished';
    return { do: 'finish' };
  }

  #maskOf(holds: (promise: Promised | undefined) => boolean): number {
    return this.#options.replicas.reduce(
      (mask, _, index) => (holds(this.#promises[index]) ? mask | (2 ** index) : mask),
      0,
    );
  }
}
