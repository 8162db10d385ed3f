/** The result of a run as one document; what the tables show is drawn from it. */
import type { MachineFacts } from '../chaos/measure/machine.js';
import type { MarkOutcome, Shape } from './marks.js';
import type { Measure } from './measure.js';
import type { WatchingResult } from './watching.js';
import type { PagingResult } from './paging.js';
import type { Case } from './plan.js';
import type { CaseResult, GroupFailure } from './suite.js';

export interface Report {
  readonly machine: MachineFacts;
  readonly cluster: Shape;
  readonly options: { readonly seconds: number; readonly keys: number; readonly seed: number };
  /** The closed loop on operations that are answered without being sent. */
  readonly driver: Measure;
  readonly results: readonly CaseResult[];
  /** What was to be measured and could not be. */
  readonly failures: readonly GroupFailure[];
  /** null where it was not asked for. */
  readonly paging: PagingResult | null;
  /** null where it was not asked for. */
  readonly watching: WatchingResult | null;
  readonly leftOut: readonly Case[];
  readonly marks: readonly MarkOutcome[];
  /** Cores that other programs used during the run; null where it is not known. */
  readonly othersCores: number | null;
  readonly warnings: readonly string[];
}

/** The columns of the tables, and whether they hold numbers. */
export const COLUMNS: readonly (readonly [title: string, isNumber: boolean])[] = [
  ['workload', false],
  ['keys', false],
  ['bytes', true],
  ['under way', true],
  ['ops/s', true],
  ['p50 ms', true],
  ['p99 ms', true],
  ['p99.9 ms', true],
  ['client µs/op', true],
  ['node µs/op', true],
  ['echo ops/s', true],
  ['of echo', true],
  ['of echo by CPU', true],
  ['errors', false],
];

export function rowsOf(report: Report): string[][] {
  return report.results.map(({ measure, echo, ratio, cpuRatio, ...one }) => [
    one.workload,
    one.distribution,
    String(one.valueBytes),
    String(one.concurrency),
    thousands(measure.opsPerSecond),
    milliseconds(measure.latencyMs.p50),
    milliseconds(measure.latencyMs.p99),
    milliseconds(measure.latencyMs.p999),
    ...costs(measure),
    thousands(echo.opsPerSecond),
    share(ratio),
    share(cpuRatio),
    describeErrors({ measure, echo }),
  ]);
}

/** Lines above the table. */
export function headingOf({ machine, cluster, options, driver }: Report): string[] {
  const { cores, cpu, platform, node, loadAverage, syncMs } = machine;
  const memory = `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  const driverMicros = driver.cpu[0]?.cpuMicrosPerOperation ?? null;
  return [
    `Machine: ${cores} cores (${cpu}), ${memory}, ${platform}, Node ${node}, load average ${loadAverage.toFixed(1)} at the start; ` +
      `a synced write of 4 KiB takes ${milliseconds(syncMs)} ms.`,
    `Cluster: ${cluster.nodes} node processes and the client on this machine, ${cluster.replicas} home replicas, policy ${cluster.policy}; ` +
      `${thousands(options.keys)} keys, ${options.seconds} s a measure, seed ${options.seed}.`,
    `The driver alone: ${micros(driverMicros)} µs an operation, which is part of every "client µs/op".`,
  ];
}

export function markLines(marks: readonly MarkOutcome[]): string[] {
  return marks.map(({ workload, least, ratio, verdict }) => {
    const measured = ratio === null ? '' : `: ${share(ratio)}`;
    return `${verdict.toUpperCase()}  ${workload} at least ${share(least)} of the echo ceiling${measured}`;
  });
}

/** `WRONG_ANSWER 3`, for the workload and for the echoes around it; empty where nothing failed. */
function describeErrors({ measure, echo }: Pick<CaseResult, 'measure' | 'echo'>): string {
  const own = counts(measure.errors);
  const echoed = [...counts(echo.before.errors), ...counts(echo.after.errors)].map((text) => `echo: ${text}`);
  const all = [...own, ...echoed];
  return all.length === 0 ? '' : `! ${all.join(', ')}`;
}

function counts(errors: Readonly<Record<string, number>>): string[] {
  return Object.entries(errors).map(([code, count]) => `${code} ${count}`);
}

/** The client's, and that of each node in their order. */
function costs({ cpu }: Measure): [string, string] {
  const [client, ...nodes] = cpu.map(({ cpuMicrosPerOperation }) => micros(cpuMicrosPerOperation));
  return [client ?? '-', nodes.join(' ')];
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0);
}

export function micros(value: number | null): string {
  return value === null ? '-' : value.toFixed(value < 10 ? 1 : 0);
}

export function share(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}
