/**
 * Chooses how a request to a home replica is carried out, by its level, the cluster's policy and who can be
 * reached, and watches over the calls in progress.
 */
import { majority, requiredReplicas } from '../core/level.js';
import { countBits } from '../core/bits.js';
import { isConsensus, servesWithoutMajority, type Policy } from '../core/policy.js';
import type { Guarantee } from '../core/receipt.js';
import type { Record } from '../core/register.js';
import type { GetRequest, MutateRequest } from '../core/request.js';
import { LatencyCall, type Hinting, type LatencyEnd } from './latency-call.js';
import { MutationCall } from './mutation-call.js';
import type { Pending } from './pending.js';
import { ReadCall } from './read-call.js';
import * as refusals from './refusals.js';
import { serverMicros, type Ticking, type Tools } from './tools.js';
import { valueReply } from './value-reply.js';

/** How often calls in progress look at the time. */
const TICK_MS = 20;

export class Coordinator implements LatencyEnd {
  readonly #tools: Tools;
  readonly #policyNow: () => Policy;
  readonly #active = new Set<Ticking>();
  #ticking = false;

  constructor(
    tools: Tools,
    policy: () => Policy,
    readonly hinting: Hinting,
  ) {
    this.#tools = tools;
    this.#policyNow = policy;
  }

  get #policy(): Policy {
    return this.#policyNow();
  }

  get(pending: Pending<GetRequest>): void {
    const { homes, level, request } = pending;
    const reachable = this.#look(pending);
    const required = requiredReplicas(level, homes.length);
    if (reachable < majority(homes.length) && !servesWithoutMajority(this.#policy)) {
      if (request.allowStale) this.#readHere(pending);
      else this.#refuse(pending, majority(homes.length), reachable);
    } else if (level === 'ONE') this.#readHere(pending);
    else if (reachable >= required) this.#read(pending, required, isConsensus(this.#policy, level), false);
    else if (!servesWithoutMajority(this.#policy)) this.#refuse(pending, required, reachable);
    else {
      const met = reachable >= majority(homes.length);
      this.#read(pending, met ? majority(homes.length) : reachable, met && isConsensus(this.#policy, level), true);
    }
  }

  mutate(pending: Pending<MutateRequest>): void {
    const { homes, level, request } = pending;
    const reachable = this.#look(pending);
    const required = requiredReplicas(level, homes.length);
    const hasMajority = reachable >= majority(homes.length);
    const { form } = request.operation;
    const degraded = reachable < required;
    if (!hasMajority && (form === 'consensus' || !servesWithoutMajority(this.#policy))) {
      this.#refuse(pending, Math.max(required, majority(homes.length)), reachable);
    } else if (degraded && !servesWithoutMajority(this.#policy)) this.#refuse(pending, required, reachable);
    else if (form !== 'latency' && hasMajority) {
      this.#track(new MutationCall(this.#tools, { pending, degraded, mayHaveApplied: false }, this.#ended)).start();
    } else
      this.#track(
        new LatencyCall(this.#tools, pending, { required: degraded ? reachable : required, degraded }, this),
      ).start();
  }

  ended(call: LatencyCall): void {
    this.#active.delete(call);
  }

  prepareInstead(pending: Pending<MutateRequest>, mayHaveApplied: boolean): void {
    const member = { pending, degraded: false, mayHaveApplied };
    this.#track(new MutationCall(this.#tools, member, this.#ended)).startSlow();
  }

  majorityReachable(homes: readonly string[]): boolean {
    return homes.length - countBits(this.#unreachable(homes)) >= majority(homes.length);
  }

  readonly #ended = (call: Ticking): void => {
    this.#active.delete(call);
  };

  #read(pending: Pending<GetRequest>, required: number, consistent: boolean, degraded: boolean): void {
    this.#track(new ReadCall(this.#tools, pending, { required, consistent, degraded }, this.#ended)).start();
  }

  /** What is durable here, at once: vouches for nothing but that somebody wrote it. */
  #readHere(pending: Pending<GetRequest>): void {
    this.#tools.replica.durable(pending.key, (record) => {
      this.#answerFromHere(pending, record);
    });
  }

  #answerFromHere(pending: Pending<GetRequest>, { state, accepted }: Record): void {
    const { clock, self, shapes } = this.#tools;
    const { homes, level, startedMs, request } = pending;
    const guarantee: Guarantee = 'eventual';
    const expired = state?.isExpired(clock.physicalMicros()) === true;
    const receipt = shapes.of(homes, {
      operation: 'get',
      level,
      guarantee,
      required: requiredReplicas(level, homes.length),
      answered: 2 ** homes.indexOf(self.node),
      unreachable: pending.unreachable,
      durableCopies: 1,
      rounds: 0,
      degraded: level !== 'ONE',
    });
    pending.settle(valueReply(request, { accepted, state, expired }, receipt, serverMicros(clock, startedMs)));
  }

  #refuse(pending: Pending, required: number, received: number): void {
    const { links, self } = this.#tools;
    const { homes, level } = pending;
    const missing = homes.filter((id) => id !== self.node && !links.reachable(id));
    const shortfall = { level, required, received, missing };
    const noMajority = received < majority(homes.length);
    const { request } = pending;
    const isDecided = request.kind === 'mutate' && request.operation.form === 'consensus';
    pending.settle(
      noMajority ? refusals.noMajority(this.#policy, isDecided, shortfall) : refusals.unavailable(shortfall),
    );
  }

  /** Notes which home replicas cannot be reached, for the receipt; how many can. */
  #look(pending: Pending): number {
    pending.unreachable = this.#unreachable(pending.homes);
    return pending.homes.length - countBits(pending.unreachable);
  }

  #unreachable(homes: readonly string[]): number {
    const { links, self } = this.#tools;
    let mask = 0;
    for (let i = 0; i < homes.length; i += 1) if (homes[i] !== self.node && !links.reachable(homes[i]!)) mask |= 2 ** i;
    return mask;
  }

  /** Makes a call that looks at the time until it says that it has ended. */
  track<C extends Ticking>(make: (ended: (call: Ticking) => void) => C): C {
    return this.#track(make(this.#ended));
  }

  #track<C extends Ticking>(call: C): C {
    this.#active.add(call);
    if (!this.#ticking) this.#tick();
    return call;
  }

  #tick(): void {
    this.#ticking = this.#active.size > 0;
    if (!this.#ticking) return;
    this.#tools.clock.setTimer(TICK_MS, () => {
      const nowMs = this.#tools.clock.monotonicMs();
      for (const call of this.#active) call.tick(nowMs);
      this.#tick();
    });
  }
}
