/** Counts requests and their latency by operation, level and outcome. */
import type { ErrorCode } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { OperationKind } from '../core/receipt.js';
import type { Reply } from '../core/request.js';
import { LATENCY_BOUNDS_SECONDS, type DegradedStats, type RequestStats } from './stats.js';

interface Cell {
  readonly operation: OperationKind;
  readonly level: Level;
  readonly outcome: 'ok' | ErrorCode;
  count: number;
  degraded: number;
  secondsSum: number;
  readonly buckets: number[];
}

export class RequestLog {
  readonly #cells = new Map<string, Cell>();
  #last: Cell | undefined;

  add(operation: OperationKind, level: Level, reply: Reply, seconds: number): void {
    const cell = this.#cell(operation, level, reply.kind === 'error' ? reply.error.code : 'ok');
    cell.count += 1;
    cell.secondsSum += seconds;
    if ('receipt' in reply && reply.receipt?.degraded === true) cell.degraded += 1;
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_SECONDS.length && seconds > LATENCY_BOUNDS_SECONDS[bucket]!) bucket += 1;
    cell.buckets[bucket]! += 1;
  }

  stats(): RequestStats[] {
    return Array.from(this.#cells.values(), ({ degraded: _, ...cell }) => ({ ...cell, buckets: [...cell.buckets] }));
  }

  /** Requests that were served although their level could not be met. */
  degraded(): DegradedStats[] {
    return Array.from(this.#cells.values())
      .filter(({ outcome }) => outcome === 'ok')
      .map(({ operation, level, degraded }) => ({ operation, level, count: degraded }));
  }

  #cell(operation: OperationKind, level: Level, outcome: 'ok' | ErrorCode): Cell {
    const last = this.#last;
    if (outcome === 'ok' && last?.operation === operation && last.level === level) return last;
    const name = `${operation} ${level} ${outcome}`;
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      const buckets = new Array<number>(LATENCY_BOUNDS_SECONDS.length + 1).fill(0);
      cell = { operation, level, outcome, count: 0, degraded: 0, secondsSum: 0, buckets };
      this.#cells.set(name, cell);
    }
    if (outcome === 'ok') this.#last = cell;
    return cell;
  }
}
