/** What sampled requests have shown: since the start for metrics, and in the last while for whoever watches. */
import type { ReadObservation } from './counterfactual-read.js';
import { CounterfactualTally, type Predict, type WriteObservation } from './counterfactual-tally.js';
import { COUNTERFACTUAL_WINDOW_MS } from './defaults.js';
import { DelayBook, type NodeDelay, type TimedWrite } from './delay-book.js';
import { LEVELS } from './level.js';
import type { Counterfactual, StalenessEstimate } from './live-sample.js';
import { SlidingSlices } from './sliding-slices.js';

const SLICES = 6;

export class CounterfactualLog {
  readonly totals = new CounterfactualTally();
  readonly #slices = Array.from({ length: SLICES }, () => new CounterfactualTally());
  readonly #window = new SlidingSlices(COUNTERFACTUAL_WINDOW_MS, SLICES, (index) => {
    this.#slices[index]!.clear();
  });
  readonly #delays: DelayBook;

  /** `unit`: random numbers from 0 to 1, 1 excluded. */
  constructor(unit: () => number) {
    this.#delays = new DelayBook(unit);
  }

  /** `delays`: of its messages, this node's own first; undefined where its own replica did not answer. */
  addRead(observation: ReadObservation, delays: readonly NodeDelay[] | undefined, nowMs: number): void {
    const predict = this.#predict(observation, delays, nowMs);
    for (const tally of [this.totals, this.#slices[this.#window.at(nowMs)]!]) tally.addRead(observation, predict);
    if (delays !== undefined) this.#delays.addRead(delays);
  }

  addWrite(reached: WriteObservation, nowMs: number): void {
    for (const tally of [this.totals, this.#slices[this.#window.at(nowMs)]!]) tally.addWrite(reached);
  }

  /** How long a write of this or another node took. */
  addTimed(writer: string, timed: TimedWrite): void {
    this.#delays.addWrite(writer, timed);
  }

  #predict({ lastWrite }: ReadObservation, delays: readonly NodeDelay[] | undefined, nowMs: number): Predict {
    if (delays === undefined) return () => undefined;
    // Nothing is known that it could miss.
    if (lastWrite === undefined) return () => 0;
    const homes = delays.map(({ node }) => node);
    const model = this.#delays.model(lastWrite.writer, homes, nowMs);
    return (level) => model?.chance(level, lastWrite.msAgo);
  }

  /** Of the last {@link COUNTERFACTUAL_WINDOW_MS}. */
  sample(share: number, nowMs: number): { counterfactual: Counterfactual; staleness: StalenessEstimate[] } {
    this.#window.at(nowMs);
    const tally = new CounterfactualTally();
    for (const slice of this.#slices) tally.merge(slice);
    const counterfactual = {
      share,
      windowSeconds: COUNTERFACTUAL_WINDOW_MS / 1_000,
      reads: tally.reads,
      writes: tally.writes,
      levels: LEVELS.map((level) => ({
        level,
        reads: tally.levels[level].reads.sample(),
        writes: tally.levels[level].writes.sample(),
      })),
      replicas: Array.from(tally.replicas, ([node, reads]) => ({ node, reads: reads.sample() })).sort((a, b) =>
        a.node < b.node ? -1 : 1,
      ),
    };
    return { counterfactual, staleness: tally.estimates() };
  }
}
