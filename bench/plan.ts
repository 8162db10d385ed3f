/** Which cases a run measures, and in which order. */
import type { Distribution } from './key-picks.js';
import {
  COUNTER_WORKLOAD_NAMES,
  isCounterWorkload,
  onlyInserts,
  STORE_WORKLOAD_NAMES,
  workloadNamed,
  type WorkloadName,
} from './workloads.js';

/** One row of the result. */
export interface Case {
  readonly workload: WorkloadName;
  readonly distribution: Distribution;
  readonly valueBytes: number;
  readonly concurrency: number;
}

/** Cases with the same echo: one echo run between two of them serves both. */
export interface Group {
  readonly valueBytes: number;
  readonly concurrency: number;
  readonly cases: readonly Case[];
}

/** What was asked for; undefined: the usual choice. */
export interface Selection {
  readonly full: boolean;
  readonly workloads?: readonly WorkloadName[] | undefined;
  readonly distribution?: Distribution | undefined;
  readonly valueBytes?: readonly number[] | undefined;
  readonly concurrency?: readonly number[] | undefined;
}

export interface Plan {
  readonly groups: readonly Group[];
  /** Left out: their operations under way would exceed {@link UNDER_WAY_BYTES_MAX}. */
  readonly leftOut: readonly Case[];
}

export const VALUE_BYTES_USUAL = 100;
export const CONCURRENCY_USUAL = 256;
/** Callers that increment counters: beyond it, one key shows little but who waits. */
export const COUNTER_CONCURRENCY = 64;
const VALUE_BYTES_ALL = [16, 100, 1024, 16_384, 262_144];
const CONCURRENCY_ALL = [1, 16, 64, 256, 1024];
/** Half of what a client has under way at most; beyond it a run measures the waiting line. */
export const UNDER_WAY_BYTES_MAX = 64 * 1024 * 1024;

/** Where the default run looks beyond the usual size and concurrency. */
const SWEPT: readonly WorkloadName[] = ['get-quorum', 'put-quorum'];
const SWEEP: readonly { readonly valueBytes: number; readonly concurrency: number }[] = [
  { valueBytes: VALUE_BYTES_USUAL, concurrency: 1 },
  { valueBytes: VALUE_BYTES_USUAL, concurrency: 16 },
  { valueBytes: VALUE_BYTES_USUAL, concurrency: 64 },
  { valueBytes: VALUE_BYTES_USUAL, concurrency: 1024 },
  { valueBytes: 16, concurrency: 64 },
  { valueBytes: 16_384, concurrency: 64 },
  { valueBytes: 262_144, concurrency: 64 },
];

/** What a full run compares; the newest keys only mean something where keys are inserted. */
const SKEWS = ['uniform', 'zipfian'] as const;

export function planOf(selection: Selection): Plan {
  const cases = isNarrowed(selection) ? combined(selection) : [...everything(selection), ...counters()];
  const fits = (one: Case): boolean => one.valueBytes * one.concurrency <= UNDER_WAY_BYTES_MAX;
  return { groups: grouped(cases.filter(fits)), leftOut: cases.filter((one) => !fits(one)) };
}

/** Whether this is the usual run, or all there is. */
export function isWhole(selection: Selection): boolean {
  return !isNarrowed(selection);
}

function isNarrowed({ workloads, distribution, valueBytes, concurrency }: Selection): boolean {
  return [workloads, distribution, valueBytes, concurrency].some((choice) => choice !== undefined);
}

function everything(selection: Selection): Case[] {
  return selection.full ? combined(selection) : usual(selection);
}

/** Counters at their own concurrency. */
function counters(): Case[] {
  return combined({ full: false, workloads: COUNTER_WORKLOAD_NAMES, concurrency: [COUNTER_CONCURRENCY] });
}

/** Every combination of what was chosen; of all there is with --full, else of the usual values. */
function combined({ full, workloads, distribution, valueBytes, concurrency }: Selection): Case[] {
  const cases: Case[] = [];
  for (const bytes of valueBytes ?? (full ? VALUE_BYTES_ALL : [VALUE_BYTES_USUAL])) {
    for (const underWay of concurrency ?? (full ? CONCURRENCY_ALL : [CONCURRENCY_USUAL])) {
      for (const workload of workloads ?? STORE_WORKLOAD_NAMES) {
        for (const keys of distributionsOf(workload, full, distribution)) {
          cases.push({ workload, distribution: keys, valueBytes: bytes, concurrency: underWay });
        }
      }
    }
  }
  return cases;
}

function distributionsOf(workload: WorkloadName, full: boolean, chosen?: Distribution): readonly Distribution[] {
  if (isCounterWorkload(workload) || onlyInserts(workload)) return ['uniform'];
  if (chosen !== undefined) return [chosen];
  const own = workloadNamed(workload).distribution;
  return full && own !== 'latest' ? SKEWS : [own];
}

function usual(selection: Selection): Case[] {
  const swept = SWEEP.flatMap(({ valueBytes, concurrency }) =>
    combined({ full: false, workloads: SWEPT, valueBytes: [valueBytes], concurrency: [concurrency] }),
  );
  return [...combined(selection), ...swept];
}

function grouped(cases: readonly Case[]): Group[] {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const name = `${one.valueBytes} ${one.concurrency}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return [...groups.values()].map((members) => {
    const { valueBytes, concurrency } = members[0]!;
    return { valueBytes, concurrency, cases: members };
  });
}
