/** A read that asks more than one home replica (PROTOCOL.md rules 9, 10 and 12), from request to answer. */
import { isNone, type Ballot } from '../core/ballot.js';
import { READ_REPAIR_WAIT_MS, READ_SPREAD_AFTER_MS } from '../core/defaults.js';
import { majority, requiredReplicas } from '../core/level.js';
import { countBits } from '../core/bits.js';
import { QuorumRead, type ReadResult, type ReadStep } from '../core/quorum-read.js';
import { makeOperation, type Operation } from '../core/operation.js';
import type { Guarantee } from '../core/receipt.js';
import type { GetRequest, Reply } from '../core/request.js';
import type { State } from '../core/state.js';
import { UNREACHABLE } from './frame-calls.js';
import type { Pending } from './pending.js';
import { Proposal } from './proposal.js';
import * as refusals from './refusals.js';
import type { LinkReply, ReplySink } from './reply-sink.js';
import type { LaneCall } from './slow-lane.js';
import { askReplicas, serverMicros, type Ticking, type Tools } from './tools.js';
import { valueReply } from './value-reply.js';

export interface ReadPlan {
  /** Home replicas that must agree, or answer. */
  readonly required: number;
  /** Rule 9, or the newest of the answers. */
  readonly consistent: boolean;
  /** Under PA: the level could not be met. */
  readonly degraded: boolean;
}

const READING = 1;
const REPAIRING = 2;

export class ReadCall implements ReplySink, LaneCall, Ticking {
  readonly #tools: Tools;
  readonly #pending: Pending<GetRequest>;
  readonly #plan: ReadPlan;
  readonly #read: QuorumRead;
  readonly #onEnd: (call: ReadCall) => void;
  #proposal: Proposal | undefined;
  #inLane = false;
  #spreadAtMs = Infinity;
  #prepareAtMs = Infinity;

  constructor(tools: Tools, pending: Pending<GetRequest>, plan: ReadPlan, onEnd: (call: ReadCall) => void) {
    this.#tools = tools;
    this.#pending = pending;
    this.#plan = plan;
    this.#onEnd = onEnd;
    this.#read = new QuorumRead({ replicas: pending.homes, required: plan.required, consistent: plan.consistent });
  }

  start(): void {
    this.#tools.replica.durable(this.#pending.key, (record) => {
      if (this.#pending.isSettled) return;
      this.#read.begin(this.#tools.self.node, record);
      if (this.#plan.required === 1) this.#finish();
      else this.#ask(this.#plan.required - 1);
    });
  }

  onReply(token: number, from: string, reply: LinkReply): void {
    if (reply.kind === 'forwarded' || reply.kind === 'repaired' || this.#pending.isSettled) return;
    if ((token === REPAIRING) === this.#read.repairing) this.#perform(this.#read.onReply(from, reply));
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#pending.deadlineMs) {
      this.#settle(refusals.timeout('not enough replicas answered the read'));
      return;
    }
    if (nowMs >= this.#spreadAtMs && !this.#read.repairing) this.#ask(Infinity);
    if (nowMs >= this.#prepareAtMs && this.#proposal === undefined) this.#perform(this.#read.onRepairLate());
    this.#proposal?.tick(nowMs);
  }

  enter(): void {
    this.#inLane = true;
    this.#identity().start();
  }

  get hasEnded(): boolean {
    return this.#pending.isSettled;
  }

  absorb(): boolean {
    return false;
  }

  /** Asks up to `count` further replicas, those that can be reached first. */
  #ask(count: number): void {
    const { links, clock } = this.#tools;
    const targets = this.#read.unasked
      .filter((id) => links.canSend(id))
      .sort((a, b) => Number(links.reachable(b)) - Number(links.reachable(a)))
      .slice(0, count);
    this.#read.ask(targets);
    this.#spreadAtMs = count === Infinity ? Infinity : clock.monotonicMs() + READ_SPREAD_AFTER_MS;
    links.request(targets, { kind: 'read', key: this.#pending.key, known: this.#read.known }, this, READING);
    if (targets.length < count) this.#giveUpOnUnreachable();
  }

  /** Those that cannot be asked at all are silent from the start. */
  #giveUpOnUnreachable(): void {
    const gone = this.#read.unasked;
    this.#read.ask(gone);
    for (const id of gone) this.#perform(this.#read.onReply(id, UNREACHABLE));
  }

  #perform(step: ReadStep | undefined): void {
    switch (step?.do) {
      case undefined:
        return;
      case 'spread':
        this.#ask(Infinity);
        return;
      case 'repair':
        this.#repair(step.ballot, step.state);
        return;
      case 'identity':
        this.#prepareAtMs = Infinity;
        this.#tools.lane.join(this.#pending.key, this);
        return;
      case 'finish':
        this.#finish();
        return;
      case 'fail':
        this.#settle(refusals.unavailable(this.#shortfall()));
    }
  }

  #repair(ballot: Ballot, state: State): void {
    this.#prepareAtMs = this.#tools.clock.monotonicMs() + READ_REPAIR_WAIT_MS;
    askReplicas(
      this.#tools,
      this.#pending.homes,
      { kind: 'accept', key: this.#pending.key, ballot, state },
      this,
      REPAIRING,
    );
  }

  #identity(): Proposal {
    const { key, homes } = this.#pending;
    this.#proposal = new Proposal(this.#tools, {
      key,
      homes,
      operations: this.#expiring(),
      waitForAll: this.#plan.required > majority(homes.length),
      onFinish: () => {
        this.#onIdentity();
      },
      onOwnerLost: () => {
        this.#proposal?.startSlow();
      },
    });
    return this.#proposal;
  }

  /** What the identity round carries: nothing, or the tombstone of the version found expired. */
  #expiring(): Operation[] {
    const { state } = this.#read.result;
    if (state === null || !this.#isExpired(state)) return [];
    const { clock, mint } = this.#tools;
    const id = mint.mint(this.#pending.key, clock.physicalMicros());
    return [makeOperation(id, 'consensus', { kind: 'delete', expect: state.version })];
  }

  #isExpired(state: State | null): boolean {
    return state?.isExpired(this.#tools.clock.physicalMicros()) === true;
  }

  #onIdentity(): void {
    if (this.#pending.isSettled || this.#proposal === undefined) return;
    const { proposer } = this.#proposal;
    if (proposer.failure !== undefined) {
      const shortfall = this.#shortfall();
      this.#settle(
        proposer.failure === 'unavailable'
          ? refusals.unavailable(shortfall)
          : refusals.timeout('the read could not be settled', shortfall),
      );
      return;
    }
    const { state, ballot: accepted } = proposer.chosen;
    const { acceptedMask: holding, acknowledgedMask: answered } = proposer;
    if (countBits(answered) < this.#plan.required) this.#settle(refusals.unavailable(this.#shortfall()));
    else {
      const read = { accepted, state: isNone(accepted) ? null : state, holding, answered };
      this.#answer(read, this.#read.rounds + proposer.rounds);
    }
  }

  #finish(): void {
    const { result } = this.#read;
    // Rule 15: expiry is decided by writing the tombstone, never by one node's clock alone.
    if (this.#plan.consistent && this.#isExpired(result.state)) this.#tools.lane.join(this.#pending.key, this);
    else this.#answer(result, this.#read.rounds);
  }

  #answer({ accepted, state, holding, answered }: ReadResult, rounds: number): void {
    const { clock, shapes } = this.#tools;
    const { homes, level, startedMs, request } = this.#pending;
    if (this.#plan.degraded && !shapes.mayDegrade) {
      this.#settle(refusals.unavailable(this.#shortfall()));
      return;
    }
    const expired = this.#isExpired(state);
    const receipt = shapes.of(homes, {
      operation: 'get',
      level,
      guarantee: expired ? 'eventual' : this.#guarantee(state, holding),
      required: requiredReplicas(level, homes.length),
      answered,
      unreachable: this.#pending.unreachable,
      durableCopies: countBits(holding),
      rounds,
      degraded: this.#plan.degraded,
    });
    this.#settle(valueReply(request, { accepted, state, expired }, receipt, serverMicros(clock, startedMs)));
  }

  /** Rule 12: what was served on a weak state, or is only the newest of a majority, vouches for `quorum`. */
  #guarantee(state: State | null, holding: number): Guarantee {
    const { length } = this.#pending.homes;
    if (this.#plan.required < majority(length)) return 'eventual';
    if (!this.#plan.consistent) return this.#plan.degraded ? 'eventual' : 'quorum';
    return state?.weak === true || countBits(holding) < majority(length) ? 'quorum' : 'linearizable';
  }

  #settle(reply: Reply): void {
    this.#pending.settle(reply);
    this.#spreadAtMs = Infinity;
    if (this.#proposal !== undefined) {
      const proposal = this.#proposal;
      this.#proposal = undefined;
      proposal.end();
    }
    this.#leave();
  }

  #leave(): void {
    this.#onEnd(this);
    if (this.#inLane) this.#tools.lane.leave(this.#pending.key);
    this.#inLane = false;
  }

  #shortfall(): refusals.Shortfall {
    const { links, self } = this.#tools;
    const { homes, level } = this.#pending;
    const missing = homes.filter((id) => id !== self.node && !links.reachable(id));
    return { level, required: this.#plan.required, received: homes.length - missing.length, missing };
  }
}
