/** How a run is going at this moment, read from the growing history. */
import { Histogram } from '../measure/histogram.js';
import { historyTimeMs } from '../history-writer.js';
import type { HistoryEvent } from '../history.js';

export interface Rates {
  readonly callsPerSecond: number;
  /** Share of calls that failed or whose outcome is unknown, 0 to 1. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What ended since it was last asked. */
export class LiveRates {
  readonly #history: readonly HistoryEvent[];
  readonly #open = new Map<string, number>();
  #read = 0;
  #sinceMs = historyTimeMs();

  constructor(history: readonly HistoryEvent[]) {
    this.#history = history;
  }

  take(): Rates {
    const latency = new Histogram();
    let failed = 0;
    for (; this.#read < this.#history.length; this.#read += 1) {
      const { type, process, time, code } = this.#history[this.#read]!;
      if (type === 'invoke') this.#open.set(process, time);
      else if (type === 'ok' || code === 'CONDITION_FAILED') latency.record(time - (this.#open.get(process) ?? time));
      else failed += 1;
    }
    const nowMs = historyTimeMs();
    const calls = latency.count + failed;
    const callsPerSecond = (calls * 1_000) / Math.max(1, nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    const failedShare = calls === 0 ? 0 : failed / calls;
    return { callsPerSecond, failed: failedShare, p50Ms: latency.percentileMs(50), p99Ms: latency.percentileMs(99) };
  }
}
