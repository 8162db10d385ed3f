/** Mutations of one key on the consensus path (PROTOCOL.md rules 6, 7, 10 and 13), from request to answer. */
import { maxBallot, type Ballot } from '../core/ballot.js';
import { COMBINED_OPERATIONS_MAX } from '../core/defaults.js';
import { requiredReplicas } from '../core/level.js';
import type { Outcome } from '../core/mutation.js';
import { countBits } from '../core/bits.js';
import type { Guarantee } from '../core/receipt.js';
import type { MutateRequest, Reply } from '../core/request.js';
import type { Pending } from './pending.js';
import { Proposal } from './proposal.js';
import * as refusals from './refusals.js';
import type { LaneCall } from './slow-lane.js';
import { serverMicros, type Ticking, type Tools } from './tools.js';

/** One of the requests that share a round. */
export interface Member {
  readonly pending: Pending<MutateRequest>;
  /** Under PA: the level asked for could not be met, so a majority has to do. */
  readonly degraded: boolean;
  /** An earlier attempt here may have applied it. */
  readonly mayHaveApplied: boolean;
}

const LATE = 'not enough replicas answered in time';

type Decided = Extract<Outcome, { kind: 'applied' | 'mismatch' }>;

export class MutationCall implements LaneCall, Ticking {
  readonly #tools: Tools;
  readonly #key: string;
  readonly #homes: readonly string[];
  readonly #onEnd: (call: MutationCall) => void;
  #members: readonly Member[];
  #proposal: Proposal | undefined;
  /** In the lane's queue. */
  #waiting = false;
  #inLane = false;
  #fallen = false;

  constructor(tools: Tools, member: Member, onEnd: (call: MutationCall) => void) {
    this.#tools = tools;
    this.#key = member.pending.key;
    this.#homes = member.pending.homes;
    this.#members = [member];
    this.#onEnd = onEnd;
  }

  get hasEnded(): boolean {
    return this.#members.length === 0;
  }

  /** The owner path where it is open, else the slow path, behind those that are on it. */
  start(): void {
    if (this.#tools.lane.isBusy(this.#key)) this.#queue();
    else this.#propose().start();
  }

  /** The slow path at once: for an operation that a latency write could not finish (rule 11). */
  startSlow(): void {
    this.#fallen = true;
    this.#queue();
  }

  enter(): void {
    this.#waiting = false;
    this.#inLane = true;
    this.#carry();
    if (this.#fallen) this.#propose().startSlow();
    else this.#propose().start();
  }

  absorb(other: LaneCall): boolean {
    if (!(other instanceof MutationCall) || !this.#waiting) return false;
    if (this.#members.length + other.#members.length > COMBINED_OPERATIONS_MAX) return false;
    this.#fallen ||= other.#fallen;
    this.#members = [...this.#carry(), ...other.#carry()];
    other.#members = [];
    other.#onEnd(other);
    return true;
  }

  tick(nowMs: number): void {
    this.#proposal?.tick(nowMs);
    const late = this.#members.filter(({ pending }) => nowMs >= pending.deadlineMs && !pending.isSettled);
    if (late.length === 0) return;
    const everyone = this.#members.every(({ pending }) => pending.isSettled || nowMs >= pending.deadlineMs);
    if (this.#waiting) this.#leaveBehind(late);
    // Chosen and waiting for the rest of ALL, it ends as applied on the copies there are.
    else if (everyone || this.#proposal?.proposer.isChosen === true) this.#proposal?.end();
    // The batch goes on for the others, and this operation with it.
    else for (const { pending } of late) pending.settle(refusals.outcomeUnknown(LATE));
  }

  #queue(): void {
    this.#waiting = true;
    this.#tools.lane.join(this.#key, this);
  }

  /** Their operations are not proposed (again). */
  #leaveBehind(late: readonly Member[]): void {
    const gone = new Set(late.map(({ pending }) => pending));
    for (const { pending, mayHaveApplied } of this.#carry()) {
      if (!gone.has(pending)) continue;
      pending.settle(mayHaveApplied ? refusals.outcomeUnknown(LATE) : refusals.timeout('not enough replicas answered'));
    }
    this.#members = this.#members.filter(({ pending }) => !pending.isSettled);
    if (this.hasEnded) this.#onEnd(this);
  }

  #propose(): Proposal {
    this.#proposal = new Proposal(this.#tools, {
      key: this.#key,
      homes: this.#homes,
      operations: this.#members.map(({ pending }) => pending.request.operation),
      above: this.#above(),
      mayHaveApplied: this.#members.map(({ mayHaveApplied }) => mayHaveApplied),
      startedMs: Math.min(...this.#members.map(({ pending }) => pending.startedMs)),
      waitForAll: this.#members.some(({ pending, degraded }) => pending.level === 'ALL' && !degraded),
      onFinish: () => {
        this.#onFinish();
      },
      onOwnerLost: () => {
        this.#onOwnerLost();
      },
    });
    return this.#proposal;
  }

  /** The highest of what the members' sessions have seen of the key. */
  #above(): Ballot | undefined {
    let highest: Ballot | undefined;
    for (const { pending } of this.#members) {
      const { above } = pending.request;
      if (above !== undefined) highest = highest === undefined ? above : maxBallot(highest, above);
    }
    return highest;
  }

  #onOwnerLost(): void {
    this.#fallen = true;
    if (this.#inLane) this.#proposal?.startSlow();
    else this.#queue();
  }

  /** The members that still wait, each knowing whether the proposal so far may have applied it; a new one follows. */
  #carry(): readonly Member[] {
    const proposer = this.#proposal?.proposer;
    this.#proposal = undefined;
    const members = this.#members.map((member, index) => ({
      ...member,
      mayHaveApplied: member.mayHaveApplied || proposer?.mayHaveApplied(index) === true,
    }));
    this.#members = members.filter(({ pending }) => !pending.isSettled);
    return this.#members;
  }

  #onFinish(): void {
    for (const [index, { pending }] of this.#members.entries())
      if (!pending.isSettled) pending.settle(this.#answer(index));
    this.#end();
  }

  #end(): void {
    this.#members = [];
    this.#onEnd(this);
    if (this.#inLane) this.#tools.lane.leave(this.#key);
    this.#inLane = false;
  }

  #answer(index: number): Reply {
    const { proposer } = this.#proposal!;
    const member = this.#members[index]!;
    const may = proposer.mayHaveApplied(index);
    if (proposer.failure !== undefined) return this.#failed(member, may, proposer.failure);
    const outcome = proposer.outcomes[index]!;
    switch (outcome.kind) {
      case 'applied':
        return this.#applied(member, outcome);
      // Rule 6d and 7f: once an accept with the effect was sent, only success or unknown.
      case 'mismatch':
        return may
          ? refusals.outcomeUnknown('an earlier attempt may have been applied')
          : refusals.conditionFailed(this.#found(member, outcome));
      case 'too-old':
        return may
          ? refusals.outcomeUnknown('the key no longer remembers the operation')
          : refusals.tooOld(outcome.floor);
      case 'op-mismatch':
        return refusals.opMismatch();
    }
  }

  #failed(member: Member, may: boolean, failure: string): Reply {
    const shortfall = this.#shortfall(member, 0);
    switch (failure) {
      case 'unavailable':
        return may
          ? refusals.outcomeUnknown('the connection to a majority was lost', shortfall)
          : refusals.unavailable(shortfall);
      case 'skew':
        return may
          ? refusals.outcomeUnknown('replicas refuse ballots of this clock')
          : refusals.clockSkew('the ballots of this node are');
      case 'alarm':
        return refusals.alarm();
      default:
        return may
          ? refusals.outcomeUnknown(LATE, shortfall)
          : refusals.timeout('not enough replicas answered', shortfall);
    }
  }

  #applied(member: Member, outcome: Decided): Reply {
    const { level } = member.pending;
    const acknowledged = this.#proposal!.proposer.acknowledgedMask;
    const mayDegrade = member.degraded && this.#tools.shapes.mayDegrade;
    if (countBits(acknowledged) < requiredReplicas(level, this.#homes.length) && !mayDegrade) {
      return refusals.levelNotMet(this.#shortfall(member, acknowledged), outcome.version);
    }
    return { kind: 'mutated', ...this.#found(member, outcome) };
  }

  #found({ pending, degraded }: Member, outcome: Decided): refusals.Found {
    const { proposer } = this.#proposal!;
    const { clock, shapes } = this.#tools;
    const { level, request } = pending;
    // A latency write that had to be prepared vouches for overlapping quorums only (rules 11 and 12).
    const guarantee: Guarantee = outcome.weak || request.operation.form === 'latency' ? 'quorum' : 'linearizable';
    const receipt = shapes.of(this.#homes, {
      operation: pending.operation,
      level,
      guarantee,
      required: requiredReplicas(level, this.#homes.length),
      answered: proposer.acknowledgedMask,
      unreachable: pending.unreachable,
      durableCopies: countBits(proposer.acceptedMask),
      rounds: proposer.rounds,
      degraded: degraded && shapes.mayDegrade,
      replayed: outcome.replayed,
      decided: request.operation.mutation.expect !== null || request.name !== null,
    });
    const { version, existed } = outcome;
    const accepted = proposer.chosen.ballot;
    return { version, existed, receipt, accepted, serverMicros: serverMicros(clock, pending.startedMs) };
  }

  #shortfall({ pending }: Member, acknowledged: number): refusals.Shortfall {
    const { links, self } = this.#tools;
    const required = requiredReplicas(pending.level, this.#homes.length);
    const missing = this.#homes.filter((id, index) =>
      acknowledged === 0 ? id !== self.node && !links.reachable(id) : (acknowledged & (2 ** index)) === 0,
    );
    return { level: pending.level, required, received: this.#homes.length - missing.length, missing };
  }
}
