/** Counts what clients asked and were answered, by level, for one second at a time; in a fixed memory. */
import { LatencyCounts } from './latency-counts.js';
import { LEVELS, type Level } from './level.js';
import type { LevelSample, ReadTraffic, Traffic } from './live-sample.js';
import type { OperationKind } from './receipt.js';
import type { Reply } from './request.js';

class Cell {
  readonly latency = new LatencyCounts();
  /** The codes are few, and fixed. */
  readonly #errors = new Map<string, number>();
  #degraded = 0;
  checked = 0;
  stale = 0;

  add(reply: Reply, latencyMs: number): void {
    if (reply.kind === 'error' && reply.error.code !== 'CONDITION_FAILED') {
      this.#errors.set(reply.error.code, (this.#errors.get(reply.error.code) ?? 0) + 1);
      return;
    }
    this.latency.record(latencyMs);
    if ('receipt' in reply && reply.receipt?.degraded === true) this.#degraded += 1;
  }

  traffic(seconds: number): Traffic {
    const { count } = this.latency;
    return {
      count,
      perSecond: seconds > 0 ? count / seconds : 0,
      latency: this.latency.latency(),
      errors: Object.fromEntries(this.#errors),
      degraded: this.#degraded,
    };
  }

  clear(): void {
    this.latency.clear();
    this.#errors.clear();
    this.#degraded = 0;
    this.checked = 0;
    this.stale = 0;
  }
}

export class LiveMeter {
  readonly #cells = Object.fromEntries(
    LEVELS.map((level) => [level, { reads: new Cell(), writes: new Cell() }]),
  ) as Record<Level, { readonly reads: Cell; readonly writes: Cell }>;

  add(operation: OperationKind, level: Level, reply: Reply, latencyMs: number): void {
    const { reads, writes } = this.#cells[level];
    (operation === 'get' ? reads : writes).add(reply, latencyMs);
  }

  /** A read that was answered at this level has been compared with all home replicas. */
  checked(level: Level, isStale: boolean): void {
    const { reads } = this.#cells[level];
    reads.checked += 1;
    if (isStale) reads.stale += 1;
  }

  /** What was counted in the last `seconds`; counting begins anew. */
  take(seconds: number): LevelSample[] {
    const samples = LEVELS.map((level) => {
      const { reads, writes } = this.#cells[level];
      const answered: ReadTraffic = { ...reads.traffic(seconds), checked: reads.checked, stale: reads.stale };
      return { level, reads: answered, writes: writes.traffic(seconds) };
    });
    this.drop();
    return samples;
  }

  /** Nobody wants to know: counting begins anew. */
  drop(): void {
    for (const { reads, writes } of Object.values(this.#cells)) {
      reads.clear();
      writes.clear();
    }
  }
}
