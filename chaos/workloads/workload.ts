/** What callers do while things go wrong. A workload is a way to choose the next call; the same seed, the same calls. */
import type { SeededRandom } from '../measure/seeded-random.js';
import type { Level } from '../../src/core/level.js';
import type { RecordedClient } from '../record-history.js';

/** One of the callers; it has one call open at a time. */
export interface Caller {
  readonly client: RecordedClient;
  readonly random: SeededRandom;
  /** Never the same twice in a run, so that a checker can tell writes apart. */
  readonly label: () => string;
}

export interface WorkloadOptions {
  /** Levels that calls choose between, each as often; undefined stands for the policy's own. */
  readonly levels: readonly (Level | undefined)[];
  /** How long a call may take in all, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Workload {
  readonly name: string;
  /** All keys that it uses: read at the end. */
  readonly keys: readonly string[];
  /** Makes one call, or a few that belong together. What fails is in the history; it may reject. */
  step(caller: Caller): Promise<unknown>;
}

export function keysOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.below(from.length)]!;
}
