/** Sums of sampled requests: what each level and each replica would have given. Tallies add up. */
import type { ReadObservation, WouldAnswer } from './counterfactual-read.js';
import { LatencyCounts } from './latency-counts.js';
import { LEVELS, type Level } from './level.js';
import type { Behind, CounterfactualReads, CounterfactualWrites, StalenessEstimate } from './live-sample.js';
import { StalenessCalibration } from './staleness-calibration.js';

/** When each level was reached, in milliseconds; undefined: never. */
export type WriteObservation = Readonly<Record<Level, number | undefined>>;

class BehindSum {
  #sum = 0;
  #max = 0;

  add(amount: number): void {
    this.#sum += amount;
    this.#max = Math.max(this.#max, amount);
  }

  merge(other: BehindSum): void {
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  clear(): void {
    this.#sum = 0;
    this.#max = 0;
  }

  of(count: number): Behind {
    return count === 0 ? {} : { mean: this.#sum / count, max: this.#max };
  }
}

export class ReadTally {
  asked = 0;
  stale = 0;
  #repairs = 0;
  readonly latency = new LatencyCounts();
  readonly #versions = new BehindSum();
  readonly #ms = new BehindSum();

  get answered(): number {
    return this.latency.count;
  }

  add(answer: WouldAnswer | undefined): void {
    this.asked += 1;
    if (answer === undefined) return;
    this.latency.record(answer.latencyMs);
    if (answer.repairs) this.#repairs += 1;
    if (answer.stale === undefined) return;
    this.stale += 1;
    this.#versions.add(answer.stale.versions);
    this.#ms.add(answer.stale.ms);
  }

  merge(other: ReadTally): void {
    this.asked += other.asked;
    this.stale += other.stale;
    this.#repairs += other.#repairs;
    this.latency.add(other.latency);
    this.#versions.merge(other.#versions);
    this.#ms.merge(other.#ms);
  }

  clear(): void {
    this.asked = 0;
    this.stale = 0;
    this.#repairs = 0;
    this.latency.clear();
    this.#versions.clear();
    this.#ms.clear();
  }

  sample(): CounterfactualReads {
    const { asked, answered, stale } = this;
    return {
      asked,
      answered,
      stale,
      staleShare: answered === 0 ? undefined : stale / answered,
      versionsBehind: this.#versions.of(stale),
      msBehind: this.#ms.of(stale),
      latency: this.latency.latency(),
      repairs: this.#repairs,
    };
  }
}

export class WriteTally {
  asked = 0;
  readonly latency = new LatencyCounts();

  add(reachedMs: number | undefined): void {
    this.asked += 1;
    if (reachedMs !== undefined) this.latency.record(reachedMs);
  }

  merge(other: WriteTally): void {
    this.asked += other.asked;
    this.latency.add(other.latency);
  }

  clear(): void {
    this.asked = 0;
    this.latency.clear();
  }

  sample(): CounterfactualWrites {
    return { asked: this.asked, answered: this.latency.count, latency: this.latency.latency() };
  }
}

interface LevelTally {
  readonly reads: ReadTally;
  readonly writes: WriteTally;
  readonly calibration: StalenessCalibration;
}

/** How likely the model holds a stale read at this level; undefined: it has nothing to go by. */
export type Predict = (level: Level) => number | undefined;

export class CounterfactualTally {
  readonly levels = Object.fromEntries(
    LEVELS.map((level) => [
      level,
      { reads: new ReadTally(), writes: new WriteTally(), calibration: new StalenessCalibration() },
    ]),
  ) as Record<Level, LevelTally>;
  /** As many as there are nodes. */
  readonly replicas = new Map<string, ReadTally>();
  /** Answers that clients were given, by the level they asked. */
  readonly actual = Object.fromEntries(LEVELS.map((level) => [level, { fresh: 0, stale: 0 }])) as Record<
    Level,
    { fresh: number; stale: number }
  >;
  reads = 0;
  writes = 0;

  addRead({ levels, replicas, actual, lastWrite }: ReadObservation, predict: Predict): void {
    this.reads += 1;
    if (actual !== undefined) this.actual[actual.level][actual.isStale ? 'stale' : 'fresh'] += 1;
    for (const level of LEVELS) {
      const answer = levels[level];
      this.levels[level].reads.add(answer);
      const predicted = predict(level);
      if (answer !== undefined && predicted !== undefined)
        this.levels[level].calibration.add(lastWrite?.msAgo ?? Infinity, predicted, answer.stale !== undefined);
    }
    for (const { node, answer } of replicas) this.#replica(node).add(answer);
  }

  addWrite(reached: WriteObservation): void {
    this.writes += 1;
    for (const level of LEVELS) this.levels[level].writes.add(reached[level]);
  }

  merge(other: CounterfactualTally): void {
    this.reads += other.reads;
    this.writes += other.writes;
    for (const level of LEVELS) {
      const { reads, writes, calibration } = other.levels[level];
      this.levels[level].reads.merge(reads);
      this.levels[level].writes.merge(writes);
      this.levels[level].calibration.merge(calibration);
      this.actual[level].fresh += other.actual[level].fresh;
      this.actual[level].stale += other.actual[level].stale;
    }
    for (const [node, tally] of other.replicas) this.#replica(node).merge(tally);
  }

  clear(): void {
    this.reads = 0;
    this.writes = 0;
    for (const { reads, writes, calibration } of Object.values(this.levels)) {
      reads.clear();
      writes.clear();
      calibration.clear();
    }
    for (const tally of this.replicas.values()) tally.clear();
    for (const answers of Object.values(this.actual)) Object.assign(answers, { fresh: 0, stale: 0 });
  }

  estimates(): StalenessEstimate[] {
    return LEVELS.map((level) => this.levels[level].calibration.estimate(level));
  }

  #replica(node: string): ReadTally {
    let tally = this.replicas.get(node);
    if (tally === undefined) this.replicas.set(node, (tally = new ReadTally()));
    return tally;
  }
}
