/** Compares predicted with measured staleness, read by read, in classes by the age of the last write. */
import type { StalenessEstimate } from './live-sample.js';
import type { Level } from './level.js';

/** Bounds of the classes in milliseconds; the last class is everything older, or no write known. */
const AGE_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000];

interface AgeClass {
  reads: number;
  stale: number;
  predicted: number;
}

export class StalenessCalibration {
  readonly #classes: AgeClass[] = [...AGE_BOUNDS_MS, Infinity].map(() => ({ reads: 0, stale: 0, predicted: 0 }));

  /** One read: the chance that was predicted, and what was found. `msAgo`: Infinity where no write is known. */
  add(msAgo: number, predicted: number, isStale: boolean): void {
    const index = AGE_BOUNDS_MS.findIndex((bound) => msAgo < bound);
    const found = this.#classes[index < 0 ? AGE_BOUNDS_MS.length : index]!;
    found.reads += 1;
    found.predicted += predicted;
    if (isStale) found.stale += 1;
  }

  merge(other: StalenessCalibration): void {
    other.#classes.forEach(({ reads, stale, predicted }, index) => {
      const own = this.#classes[index]!;
      own.reads += reads;
      own.stale += stale;
      own.predicted += predicted;
    });
  }

  clear(): void {
    for (const one of this.#classes) Object.assign(one, { reads: 0, stale: 0, predicted: 0 });
  }

  estimate(level: Level): StalenessEstimate {
    const sum = (of: (one: AgeClass) => number): number => this.#classes.reduce((total, one) => total + of(one), 0);
    const reads = sum((one) => one.reads);
    if (reads === 0) return { level, reads };
    return {
      level,
      reads,
      predicted: sum((one) => one.predicted) / reads,
      measured: sum((one) => one.stale) / reads,
      calibrationError: sum((one) => Math.abs(one.predicted - one.stale)) / reads,
    };
  }
}
