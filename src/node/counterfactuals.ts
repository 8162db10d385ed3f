/**
 * Samples the requests that this node carries out, and finds out what every other choice would have given them. It
 * begins after the answer, looks on, and never changes or delays it.
 */
import { AcknowledgedWrites, type AcknowledgedWrite } from '../core/acknowledged-writes.js';
import { delayOf } from '../core/bounded-staleness.js';
import { CounterfactualLog } from '../core/counterfactual-log.js';
import type { ActualAnswer } from '../core/counterfactual-read.js';
import type { WriteObservation } from '../core/counterfactual-tally.js';
import type { NodeDelay, TimedWrite } from '../core/delay-book.js';
import { COUNTERFACTUALS_PER_SECOND_MAX } from '../core/defaults.js';
import { LEVELS, requiredReplicas, type Level } from '../core/level.js';
import type { Reply } from '../core/request.js';
import { Sampler } from '../core/sampler.js';
import type { Pending } from './pending.js';
import { SampledRead } from './sampled-read.js';
import { SampledWrite, type WriteToTime } from './sampled-write.js';
import type { Tools } from './tools.js';

export interface CounterfactualParts {
  readonly tools: Tools;
  /** Of the requests, 0 to 1; 0 switches it off. */
  readonly share: number;
  /** A sampled read was answered at this level, and the answer was stale or not. */
  readonly onChecked: (level: Level, isStale: boolean) => void;
}

/** What this node knows of its own writes. */
export interface Acknowledged {
  /** Of one key. */
  readonly writes: readonly AcknowledgedWrite[];
  /** The last one of any key that was timed. */
  readonly timed: TimedWrite | null;
}

export class Counterfactuals {
  readonly log: CounterfactualLog;
  readonly #parts: CounterfactualParts;
  readonly #acknowledged = new AcknowledgedWrites();
  readonly #reads: Sampler;
  readonly #writes: Sampler;
  readonly #readsUnderWay = new Set<SampledRead>();
  readonly #writesUnderWay = new Set<SampledWrite>();
  #timed: TimedWrite | null = null;

  constructor(parts: CounterfactualParts) {
    const unit = (): number => parts.tools.random.unit();
    this.#parts = parts;
    this.log = new CounterfactualLog(unit);
    this.#reads = new Sampler(parts.share, COUNTERFACTUALS_PER_SECOND_MAX, unit);
    this.#writes = new Sampler(parts.share, COUNTERFACTUALS_PER_SECOND_MAX, unit);
  }

  get share(): number {
    return this.#parts.share;
  }

  /** A request of a client, here or sent on by a peer, has just been answered by this node. */
  answered(pending: Pending, reply: Reply): void {
    if (this.#parts.share === 0) return;
    if (pending.request.kind === 'get') {
      if (this.#reads.takes()) this.#sample(pending, reply);
    } else if (reply.kind === 'mutated')
      this.#acknowledged.add(pending.key, reply.version, this.#parts.tools.clock.physicalMicros());
  }

  /** A write is about to be sent to the home replicas: undefined unless it is one of the sampled. */
  timed(write: WriteToTime): SampledWrite | undefined {
    if (this.#parts.share === 0 || !this.#writes.takes()) return undefined;
    const sampled = new SampledWrite(write, this.#parts.tools.clock, this.#onWritten);
    this.#writesUnderWay.add(sampled);
    return sampled;
  }

  acknowledgedOf(key: string): Acknowledged {
    return { writes: this.#acknowledged.of(key), timed: this.#timed };
  }

  /** Once a second: ends what has waited long enough. */
  second(): void {
    this.#reads.second();
    this.#writes.second();
    for (const read of this.#readsUnderWay) if (read.isLate) this.#onRead(read);
    for (const write of this.#writesUnderWay) if (write.isLate) this.#onWritten(write);
  }

  #sample(pending: Pending, reply: Reply): void {
    const { tools } = this.#parts;
    const { key, homes } = pending;
    const acknowledged = this.#acknowledged.of(key);
    const onTimed = this.log.addTimed.bind(this.log);
    const sample = { key, homes, actual: this.#actual(pending, reply), acknowledged, onTimed };
    const read = new SampledRead(tools, sample, this.#onRead);
    this.#readsUnderWay.add(read);
    read.start();
  }

  #actual({ level, startedMs }: Pending, reply: Reply): ActualAnswer | undefined {
    if (reply.kind !== 'value') return undefined;
    const { clock } = this.#parts.tools;
    const { version, value, accepted } = reply;
    const begunAt = clock.physicalMicros() - Math.round((clock.monotonicMs() - startedMs) * 1_000);
    return { level, begunAt, held: { accepted, version, weak: false, isAbsent: value === null } };
  }

  readonly #onRead = (sampled: SampledRead): void => {
    if (!this.#readsUnderWay.delete(sampled)) return;
    const observation = sampled.read.observe();
    const { actual } = observation;
    if (actual !== undefined) this.#parts.onChecked(actual.level, actual.isStale);
    const arrivals = new Map(sampled.read.arrivals.map(({ node, latencyMs }) => [node, latencyMs]));
    const nodes = observation.replicas.map(({ node }) => node);
    this.log.addRead(observation, this.#delays(nodes, arrivals), this.#parts.tools.clock.monotonicMs());
  };

  readonly #onWritten = (sampled: SampledWrite): void => {
    if (!this.#writesUnderWay.delete(sampled)) return;
    const { homes, required } = sampled.write;
    const times = [...sampled.arrivals.values()].sort((a, b) => a - b);
    const reached = LEVELS.map((level) => [level, times[requiredReplicas(level, homes.length) - 1]]);
    const { self, clock } = this.#parts.tools;
    this.log.addWrite(Object.fromEntries(reached) as WriteObservation, clock.monotonicMs());
    const delays = this.#delays(homes, sampled.arrivals);
    if (delays === undefined) return;
    this.#timed = { required, delays };
    this.log.addTimed(self.node, this.#timed);
  };

  /** This node's own first; undefined where that did not answer. */
  #delays(homes: readonly string[], arrivals: ReadonlyMap<string, number>): NodeDelay[] | undefined {
    const { self, links } = this.#parts.tools;
    if (!arrivals.has(self.node)) return undefined;
    const others = homes.filter((id) => id !== self.node);
    return [self.node, ...others].map((node) => {
      const totalMs = arrivals.get(node);
      if (totalMs === undefined) return { node, there: Infinity, back: 0 };
      return { node, ...delayOf(totalMs, node === self.node ? 0 : links.roundTripMs(node)) };
    });
  }
}
