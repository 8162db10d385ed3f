/** One measure: operations in a closed loop, warmed up first, and what they cost the processes that took part. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ClosedLoop, type Operations, type Tally } from './closed-loop.js';
import { cpuMicrosOf } from './process-cpu.js';

/** A process whose processor time counts. */
export interface MeasuredProcess {
  /** `client`, or a node's id. */
  readonly name: string;
  readonly pid: number;
}

export interface MeasurePlan {
  readonly concurrency: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly processes: readonly MeasuredProcess[];
  /** Called when the counting begins and when it ends. */
  readonly window?: { begin(): Promise<void>; end(): Promise<void> } | undefined;
}

export interface ProcessCost {
  readonly name: string;
  /** Processor time for each operation of the whole measure; null where it is not known. */
  readonly cpuMicrosPerOperation: number | null;
}

export interface Measure {
  /** Those that succeeded. */
  readonly operations: number;
  readonly seconds: number;
  readonly opsPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  readonly cpu: readonly ProcessCost[];
  /** Failures by code, also those while warming up. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Of several processes together; null where it is not known of one. */
export function cpuOfAll(costs: readonly ProcessCost[]): number | null {
  const known = costs.map(({ cpuMicrosPerOperation }) => cpuMicrosPerOperation);
  return known.includes(null) ? null : (known as number[]).reduce((sum, cost) => sum + cost, 0);
}

export async function measure(operations: Operations, plan: MeasurePlan): Promise<Measure> {
  const loop = new ClosedLoop(operations, plan.concurrency);
  await sleep(plan.warmupMs);
  await plan.window?.begin();
  const warmup = loop.takeTally();
  const before = reading(plan.processes);
  await sleep(plan.measureMs);
  const after = reading(plan.processes);
  const tally = loop.takeTally();
  await plan.window?.end();
  await loop.stop();
  return summary([warmup, tally, loop.takeTally()], before, after, plan.processes);
}

interface Reading {
  readonly atMs: number;
  readonly cpuMicros: readonly (number | null)[];
}

function reading(processes: readonly MeasuredProcess[]): Reading {
  return { atMs: performance.now(), cpuMicros: processes.map(({ pid }) => cpuMicrosOf(pid)) };
}

function summary(
  [warmup, counted, rest]: [Tally, Tally, Tally],
  before: Reading,
  after: Reading,
  processes: readonly MeasuredProcess[],
): Measure {
  const { latency } = counted;
  const seconds = (after.atMs - before.atMs) / 1_000;
  const used = (index: number): number | null => {
    const [from, to] = [before.cpuMicros[index] ?? null, after.cpuMicros[index] ?? null];
    return from === null || to === null || latency.count === 0 ? null : (to - from) / latency.count;
  };
  return {
    operations: latency.count,
    seconds,
    opsPerSecond: latency.count / seconds,
    latencyMs: {
      p50: latency.percentileMs(50),
      p99: latency.percentileMs(99),
      p999: latency.percentileMs(99.9),
      max: latency.maxMs,
    },
    cpu: processes.map(({ name }, index) => ({ name, cpuMicrosPerOperation: used(index) })),
    errors: summed([warmup, counted, rest]),
  };
}

function summed(tallies: readonly Tally[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [code, count] of tally.errors) errors[code] = (errors[code] ?? 0) + count;
  }
  return errors;
}
