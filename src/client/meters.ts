/** Counts what a client does. Cheap enough for every call: a few additions, and nothing is allocated. */
import type { ErrorCode, FulcrumError } from '../core/errors.js';
import { bucketEndMicros, bucketQuantileMs, LATENCY_BUCKETS, latencyBucket } from '../core/latency-buckets.js';
import type { Level } from '../core/level.js';
import { LANES, type Call, type Lane } from './call.js';
import type { CallMetrics, ClientMetrics, LatencySummary, NodeMetrics } from './metrics.js';

class LaneMeter {
  readonly failed = new Map<ErrorCode, number>();
  readonly counts = new Float64Array(LATENCY_BUCKETS);
  succeeded = 0;
  sumMs = 0;
  maxMs = 0;

  record(latencyMs: number): void {
    this.succeeded += 1;
    this.sumMs += latencyMs;
    if (latencyMs > this.maxMs) this.maxMs = latencyMs;
    this.counts[latencyBucket(latencyMs)]! += 1;
  }
}

export class Meters {
  attempts = 0;
  retries = 0;
  hedges = 0;
  hedgesWon = 0;
  readonly #lanes = new Map<Lane, LaneMeter>();
  /** Of the lane that was counted last: mostly the next one's, too. */
  #lane: Lane | undefined;
  #meter = new LaneMeter();

  ended(call: Call, error: FulcrumError | undefined, nowMs: number): void {
    if (call.lane !== this.#lane) this.#turnTo(call.lane);
    const meter = this.#meter;
    if (error === undefined) meter.record(nowMs - call.startedMs);
    else meter.failed.set(error.code, (meter.failed.get(error.code) ?? 0) + 1);
  }

  calls(): CallMetrics[] {
    return LANES.flatMap((lane) => {
      const meter = this.#lanes.get(lane);
      return meter === undefined ? [] : [callMetrics(lane, meter)];
    });
  }

  #turnTo(lane: Lane): void {
    this.#lane = lane;
    this.#meter = this.#lanes.get(lane) ?? new LaneMeter();
    this.#lanes.set(lane, this.#meter);
  }
}

/** `now`: what is under way, and what waits. */
export function metricsOf(
  meters: Meters,
  now: Pick<ClientMetrics, 'throttled' | 'inFlight' | 'waiting'>,
  nodes: readonly NodeMetrics[],
): ClientMetrics {
  const { attempts, retries, hedges, hedgesWon } = meters;
  const { throttled, inFlight, waiting } = now;
  return { calls: meters.calls(), attempts, retries, hedges, hedgesWon, throttled, inFlight, waiting, nodes };
}

function callMetrics(lane: Lane, meter: LaneMeter): CallMetrics {
  const [operation, level = null] = lane.split(' ') as [CallMetrics['operation'], Level?];
  const { succeeded, failed } = meter;
  return { operation, level, succeeded, failed: Object.fromEntries(failed), latencyMs: summaryOf(meter) };
}

function summaryOf({ counts, succeeded, sumMs, maxMs }: LaneMeter): LatencySummary {
  const quantile = (q: number): number =>
    succeeded === 0 ? 0 : Math.min(maxMs, bucketQuantileMs(counts, succeeded, q));
  return {
    count: succeeded,
    sum: sumMs,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    p999: quantile(0.999),
    max: maxMs,
    buckets: [...counts].flatMap((count, bucket) =>
      count === 0 ? [] : [{ belowMs: bucketEndMicros(bucket) / 1_000, count }],
    ),
  };
}
