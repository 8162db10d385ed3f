/** What a client has done so far, as plain numbers. */
import type { ErrorCode } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { BreakerState } from './resilience/circuit-breaker.js';

/** Latencies of the calls that succeeded, from the call to its result, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly sum: number;
  /** Each at most a sixteenth above the exact one; 0 where there are none. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Every bucket that holds any: those below `belowMs` and not below the one before. Not cumulative. */
  readonly buckets: readonly { readonly belowMs: number; readonly count: number }[];
}

/** Calls of one kind and level since the client was made. */
export interface CallMetrics {
  readonly operation: 'get' | 'write' | 'list';
  /** null: listings have none. */
  readonly level: Level | null;
  readonly succeeded: number;
  /** Calls that failed, by the code of their error; only codes that occurred. */
  readonly failed: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly latencyMs: LatencySummary;
}

export interface NodeMetrics {
  readonly node: string;
  readonly connected: boolean;
  /** Its connection is open, but it has said nothing for a second: others are asked before it. */
  readonly silent: boolean;
  /** Attempts that are not answered yet. */
  readonly inFlight: number;
  readonly breaker: BreakerState['kind'];
}

/** All counters are since the client was made; JSON as it is. */
export interface ClientMetrics {
  /** Only kinds and levels that were called. */
  readonly calls: readonly CallMetrics[];
  /** Attempts handed to nodes. */
  readonly attempts: number;
  /** Calls sent again after an attempt failed, each time counted. */
  readonly retries: number;
  /** Second nodes that were asked meanwhile, and how often one of them answered first. */
  readonly hedges: number;
  readonly hedgesWon: number;
  /** Calls that had to wait for the client's own throttle. */
  readonly throttled: number;
  /** Calls under way now, and those that wait until fewer are. */
  readonly inFlight: number;
  readonly waiting: number;
  readonly nodes: readonly NodeMetrics[];
}
