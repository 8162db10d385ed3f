/** The marks that the product has set itself, as shares of the echo ceiling of the same run. */
import type { Case } from './plan.js';
import type { WorkloadName } from './workloads.js';

export interface Mark {
  readonly workload: WorkloadName;
  /** Least share of the echo ceiling. */
  readonly least: number;
}

export const MARKS: readonly Mark[] = [
  { workload: 'get-one', least: 0.6 },
  { workload: 'get-quorum', least: 0.35 },
  { workload: 'put-quorum', least: 0.12 },
];
/** Where the marks are set. */
export const MARK_CASE = { distribution: 'uniform', valueBytes: 100, concurrency: 256 } as const;
export const MARK_CLUSTER = { nodes: 3, replicas: 3, policy: 'PC/EC' } as const;

export type Verdict = 'pass' | 'miss' | 'not measured';

export interface MarkOutcome extends Mark {
  readonly ratio: number | null;
  readonly verdict: Verdict;
}

/** The part of a case's result that the marks look at. */
export interface Judged extends Case {
  readonly ratio: number | null;
  readonly measure: { readonly errors: Readonly<Record<string, number>> };
}

export interface Shape {
  readonly nodes: number;
  readonly replicas: number;
  readonly policy: string;
}

/** A workload with errors misses its mark, however fast it was. */
export function judgeMarks(results: readonly Judged[], shape: Shape): MarkOutcome[] {
  return MARKS.map((mark) => {
    const found = isMarkCluster(shape) ? results.find((result) => isAt(mark, result)) : undefined;
    if (found === undefined) return { ...mark, ratio: null, verdict: 'not measured' };
    const { ratio } = found;
    const failed = Object.keys(found.measure.errors).length > 0;
    return { ...mark, ratio, verdict: !failed && ratio !== null && ratio >= mark.least ? 'pass' : 'miss' };
  });
}

function isAt(mark: Mark, result: Judged): boolean {
  const { distribution, valueBytes, concurrency } = MARK_CASE;
  if (result.workload !== mark.workload || result.distribution !== distribution) return false;
  return result.valueBytes === valueBytes && result.concurrency === concurrency;
}

function isMarkCluster({ nodes, replicas, policy }: Shape): boolean {
  return nodes === MARK_CLUSTER.nodes && replicas === MARK_CLUSTER.replicas && policy === MARK_CLUSTER.policy;
}
