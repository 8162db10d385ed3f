/** A run as it is written down: everything but the history itself. */
import type { Outcome, Verdict } from '../checkers/verdict.js';
import { describe } from '../checkers/operation.js';
import type { Measured, Moment, Totals } from '../run/measures.js';
import type { RunResult } from '../run/run-scenario.js';

export interface ReportSpan {
  readonly title: string;
  /** Seconds from the start of the workload. */
  readonly fromS: number;
  readonly toS: number;
  /** When its probe had seen the effect; null: it was not seen, or there was nothing to see. */
  readonly confirmedS: number | null;
  readonly problem: string | null;
}

export interface ReportVerdict {
  readonly checker: string;
  readonly verdict: Outcome;
  readonly checkedOperations: number;
  readonly violations: number;
  /** The first ones, in words, each with the operations that show it. */
  readonly explanations: readonly string[];
}

export interface ReportData {
  readonly scenario: string;
  readonly title: string;
  readonly about: string;
  readonly policy: string;
  readonly nodes: number;
  readonly replicas: number;
  readonly seconds: number;
  readonly seed: number;
  readonly toxiproxy: string;
  /** Whether every promise held. */
  readonly held: boolean;
  readonly verdict: Outcome;
  readonly operations: number;
  /** From the heal until all home replicas held the same, in milliseconds; null: never. */
  readonly convergedMs: number | null;
  readonly verdicts: readonly ReportVerdict[];
  readonly spans: readonly ReportSpan[];
  /** Faults that could not be injected, or whose effect was not seen. */
  readonly unseenFaults: number;
  readonly totals: Totals;
  readonly groups: readonly string[];
  readonly moments: readonly Moment[];
}

const EXPLANATIONS_MAX = 3;

export function reportOf(run: RunResult): ReportData {
  const { scenario, policy, seed, toxiproxy, result, measured, settledMs } = run;
  const { name, title, about, nodes, replicas, seconds } = scenario;
  const spans = spansOf(run);
  return {
    scenario: name,
    title,
    about,
    policy,
    nodes,
    replicas,
    seconds,
    seed,
    toxiproxy,
    held: result.verdict === 'valid',
    verdict: result.verdict,
    operations: result.operations,
    convergedMs: settledMs === undefined ? null : Math.round(settledMs),
    verdicts: result.verdicts.map(verdictOf),
    spans,
    unseenFaults: spans.filter(({ problem }) => problem !== null).length,
    ...rounded(measured),
  };
}

function spansOf({ spans, startMs }: RunResult): ReportSpan[] {
  const seconds = (ms: number): number => Math.round(ms - startMs) / 1_000;
  return spans.map(({ title, fromMs, toMs, confirmedMs, problem }) => ({
    title,
    fromS: seconds(fromMs),
    toS: seconds(toMs ?? fromMs),
    confirmedS: confirmedMs === undefined ? null : seconds(confirmedMs),
    problem: problem ?? null,
  }));
}

function verdictOf({ checker, verdict, checkedOperations, violations, undecidedKeys }: Verdict): ReportVerdict {
  const explained = violations.slice(0, EXPLANATIONS_MAX).map(({ key, explanation, operations }) => {
    const shown = operations.slice(0, 6).map(describe);
    return `key ${JSON.stringify(key)}: ${explanation}${shown.length > 0 ? ` (${shown.join('; ')})` : ''}`;
  });
  const undecided = undecidedKeys.length === 0 ? [] : [`too hard to decide: ${undecidedKeys.slice(0, 5).join(', ')}`];
  return {
    checker,
    verdict,
    checkedOperations,
    violations: violations.length,
    explanations: [...explained, ...undecided],
  };
}

function rounded({ totals, groups, moments }: Measured): Measured {
  const round = <T>(value: T): T => (typeof value === 'number' ? ((Math.round(value * 1_000) / 1_000) as T) : value);
  const all = <T extends object>(record: T): T =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, round(value as unknown)])) as T;
  return {
    totals: all(totals),
    groups,
    moments: moments.map((moment) => ({ ...all(moment), availability: all(moment.availability) })),
  };
}
