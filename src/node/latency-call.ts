/** A latency write (PROTOCOL.md rule 11), from request to answer. */
import type { Ballot } from '../core/ballot.js';
import { HINT_WAIT_MS } from '../core/defaults.js';
import { majority, requiredReplicas } from '../core/level.js';
import { LatencyWrite, type LatencyStep } from '../core/latency-write.js';
import { latencyState } from '../core/mutation.js';
import { countBits } from '../core/bits.js';
import type { State } from '../core/state.js';
import { versionOf } from '../core/version.js';
import type { MutateRequest, Reply } from '../core/request.js';
import type { Pending } from './pending.js';
import * as refusals from './refusals.js';
import type { LinkReply, ReplySink } from './reply-sink.js';
import type { SampledWrite } from './sampled-write.js';
import { askReplicas, serverMicros, type Ticking, type Tools } from './tools.js';

/** Copies on nodes that are no home replicas, kept for those that cannot be reached (sloppy quorum). */
export interface Hinting {
  /** Nodes that can keep them, at most `count`. */
  fallbacks(key: string, count: number): readonly string[];
  hint(keeper: string, target: string, key: string, ballot: Ballot, state: State, done: (kept: boolean) => void): void;
}

export interface LatencyPlan {
  /** Durable copies to wait for. */
  readonly required: number;
  readonly degraded: boolean;
}

export interface LatencyEnd {
  readonly hinting: Hinting;
  ended(call: LatencyCall): void;
  /** A promise is in the way and a majority can be reached: the same operation, by the slow path. */
  prepareInstead(pending: Pending<MutateRequest>, mayHaveApplied: boolean): void;
  /** Whether a majority of these home replicas can be reached. */
  majorityReachable(homes: readonly string[]): boolean;
}

export class LatencyCall implements ReplySink, Ticking {
  readonly #tools: Tools;
  readonly #pending: Pending<MutateRequest>;
  readonly #plan: LatencyPlan;
  readonly #write: LatencyWrite;
  readonly #end: LatencyEnd;
  /** Home replicas for which another node keeps the write. */
  #hintedMask = 0;
  #hintsAwaited = 0;
  /** The homes have answered; the hinted copies are waited for until then. */
  #finishByMs = Infinity;

  constructor(tools: Tools, pending: Pending<MutateRequest>, plan: LatencyPlan, end: LatencyEnd) {
    this.#tools = tools;
    this.#pending = pending;
    this.#plan = plan;
    this.#end = end;
    this.#write = new LatencyWrite(pending.homes, pending.request.operation.id, plan.required);
  }

  start(): void {
    const { key, homes, request } = this.#pending;
    const { operation } = request;
    const state = latencyState(operation);
    this.#tools.replica.newest(key, ({ accepted: base }) => {
      if (this.#pending.isSettled) return;
      const ballot = operation.id;
      const sink = this.#timed()?.around(this, 0, ballot) ?? this;
      askReplicas(this.#tools, homes, { kind: 'accept', key, ballot, state, base }, sink, 0);
    });
    if (this.#plan.degraded) this.#hint(state);
  }

  onReply(_token: number, from: string, reply: LinkReply): void {
    if (reply.kind === 'forwarded' || reply.kind === 'repaired' || this.#pending.isSettled) return;
    this.#perform(this.#write.onReply(from, reply));
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#finishByMs) this.#settle(this.#answer());
    if (nowMs >= this.#pending.deadlineMs) this.#settle(this.#short('not enough replicas answered in time'));
  }

  #perform(step: LatencyStep | undefined): void {
    switch (step?.do) {
      case undefined:
        return;
      case 'finish':
        this.#finishByMs = this.#tools.clock.monotonicMs() + HINT_WAIT_MS;
        this.#finishIfHinted();
        return;
      case 'prepare':
        if (this.#end.majorityReachable(this.#pending.homes)) {
          this.#end.ended(this);
          this.#end.prepareInstead(this.#pending, this.#write.mayHaveApplied);
        } else this.#settle(this.#short('a promise is in the way and no majority can be reached'));
        return;
      case 'fail':
        this.#settle(this.#short('too few replicas took the write'));
    }
  }

  #timed(): SampledWrite | undefined {
    const { homes, startedMs } = this.#pending;
    return this.#tools.timed({ homes, required: this.#plan.required, startedMs });
  }

  #hint(state: State): void {
    const { key, homes, request, unreachable } = this.#pending;
    const targets = homes.filter((_, index) => (unreachable & (2 ** index)) !== 0);
    const keepers = this.#end.hinting.fallbacks(key, targets.length);
    if (keepers.length === 0) return;
    this.#hintsAwaited = targets.length;
    for (const [index, target] of targets.entries()) {
      this.#end.hinting.hint(keepers[index % keepers.length]!, target, key, request.operation.id, state, (kept) => {
        this.#hintsAwaited -= 1;
        if (kept) this.#hintedMask |= 2 ** homes.indexOf(target);
        this.#finishIfHinted();
      });
    }
  }

  #finishIfHinted(): void {
    if (this.#finishByMs < Infinity && this.#hintsAwaited === 0 && !this.#pending.isSettled)
      this.#settle(this.#answer());
  }

  #answer(): Reply {
    const { clock, shapes } = this.#tools;
    if (this.#plan.degraded && !shapes.mayDegrade)
      return this.#short('the policy of the cluster has changed meanwhile');
    const { homes, level, request, startedMs, operation } = this.#pending;
    const acknowledged = this.#write.acknowledgedMask;
    const quorum = this.#plan.required >= majority(homes.length);
    return {
      kind: 'mutated',
      version: versionOf(request.operation.id, 0),
      accepted: request.operation.id,
      existed: null,
      receipt: shapes.of(homes, {
        operation,
        level,
        guarantee: quorum ? 'quorum' : 'eventual',
        required: requiredReplicas(level, homes.length),
        answered: acknowledged,
        unreachable: this.#pending.unreachable,
        durableCopies: countBits(this.#write.acceptedMask),
        rounds: acknowledged === 2 ** homes.indexOf(this.#tools.self.node) ? 0 : 1,
        degraded: this.#plan.degraded,
        // One that was cut off at first may have taken the write itself by now.
        hinted: countBits(this.#hintedMask & ~acknowledged),
        superseded: this.#write.superseded,
      }),
      serverMicros: serverMicros(clock, startedMs),
    };
  }

  #short(why: string): Reply {
    const { homes, level } = this.#pending;
    const acknowledged = this.#write.acknowledgedMask;
    const received = countBits(acknowledged);
    const missing = homes.filter((_, index) => (acknowledged & (2 ** index)) === 0);
    const shortfall = { level, required: this.#plan.required, received, missing };
    if (this.#write.acceptedMask !== 0)
      return refusals.levelNotMet(shortfall, versionOf(this.#pending.request.operation.id, 0));
    if (this.#write.mayHaveApplied || this.#write.superseded) return refusals.outcomeUnknown(why, shortfall);
    return refusals.unavailable(shortfall);
  }

  #settle(reply: Reply): void {
    this.#pending.settle(reply);
    this.#end.ended(this);
  }
}
