/** All checkers over one history. */
import { checkConvergence, type ReplicaDump } from './checkers/convergence.js';
import { checkDefiniteFailures } from './checkers/definite-failures.js';
import { checkDeletedKeys } from './checkers/deleted-keys.js';
import { checkEffectOnce } from './checkers/effect-once.js';
import { checkLinearizability } from './checkers/linearizability.js';
import { checkLostWrites, type DiscardedWrite } from './checkers/lost-writes.js';
import { pairOperations, withVouchedVersion, type Operation } from './checkers/operation.js';
import { checkReceipts, type DurableCopies } from './checkers/receipts.js';
import { checkMonotonicReads, checkReadYourWrites } from './checkers/session-guarantees.js';
import { checkSuccessors } from './checkers/successors.js';
import type { Outcome, Verdict } from './checkers/verdict.js';
import { checkVersionValues } from './checkers/version-values.js';
import type { HistoryEvent } from './history.js';

export type { Counterexample, Outcome, Verdict, Violation } from './checkers/verdict.js';

export interface CheckOptions {
  /** Configurations searched for each key before it is left undecided; 300,000 by default. */
  readonly budget?: number;
  /** Home replicas of a key, to judge receipts by; without it they are not judged. */
  readonly replicas?: number;
  /** What was durable when receipts were issued. */
  readonly copies?: readonly DurableCopies[];
  /** What the conflict ledgers of the nodes list: those writes were discarded, not lost. */
  readonly discarded?: readonly DiscardedWrite[];
  /** What the nodes held after heal and repair; without it convergence is not judged. */
  readonly dumps?: readonly ReplicaDump[];
  /** The home replicas of a key, by name; without it every node that was dumped. */
  readonly homes?: (key: string) => readonly string[];
}

export interface CheckResult {
  /** `invalid` where any checker says so, otherwise `undecided` where any says so. */
  readonly verdict: Outcome;
  readonly operations: number;
  readonly keys: number;
  readonly outcomes: { readonly ok: number; readonly fail: number; readonly unknown: number };
  readonly verdicts: readonly Verdict[];
}

/** Pure: the same history, the same result. Throws INVALID_ARGUMENT where events do not pair. */
export function check(history: readonly HistoryEvent[], options: CheckOptions = {}): CheckResult {
  const operations = pairOperations(history);
  const vouched = operations.map(withVouchedVersion);
  const verdicts = [
    checkLinearizability(vouched, { budget: options.budget }),
    checkReadYourWrites(operations),
    checkMonotonicReads(operations),
    checkLostWrites(vouched, { discarded: options.discarded }),
    checkEffectOnce(operations),
    checkDefiniteFailures(operations),
    checkDeletedKeys(operations),
    checkVersionValues(operations),
    checkSuccessors(operations),
  ];
  if (options.replicas !== undefined) {
    const copies = options.copies === undefined ? {} : { copies: options.copies };
    verdicts.push(checkReceipts(operations, { replicas: options.replicas, ...copies }));
  }
  if (options.dumps !== undefined) verdicts.push(checkConvergence(options.dumps, options.homes));
  return {
    verdict: overall(verdicts),
    operations: operations.length,
    keys: new Set(operations.map(({ key }) => key)).size,
    outcomes: { ok: count(operations, 'ok'), fail: count(operations, 'fail'), unknown: count(operations, 'unknown') },
    verdicts,
  };
}

/** The same judgement with one more checker's. */
export function withVerdict(result: CheckResult, verdict: Verdict): CheckResult {
  const verdicts = [...result.verdicts, verdict];
  return { ...result, verdict: overall(verdicts), verdicts };
}

function overall(verdicts: readonly Verdict[]): Outcome {
  const said = new Set(verdicts.map(({ verdict }) => verdict));
  return said.has('invalid') ? 'invalid' : said.has('undecided') ? 'undecided' : 'valid';
}

function count(operations: readonly Operation[], outcome: Operation['outcome']): number {
  return operations.filter((one) => one.outcome === outcome).length;
}

/** A table for a terminal: one line a checker, and the first violation of each that has any. */
export function renderVerdicts(result: CheckResult): string {
  const { ok, fail, unknown } = result.outcomes;
  const rows = [['checker', 'verdict', 'checked', 'violations'], ...result.verdicts.map(rowOf)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const reasons = result.verdicts.flatMap(({ checker, violations, undecidedKeys }) => [
    ...violations.slice(0, 1).map(({ key, explanation }) => `${checker}: key ${JSON.stringify(key)}: ${explanation}`),
    ...(undecidedKeys.length > 0
      ? [`${checker}: ${undecidedKeys.length} keys too hard for the budget, first ${JSON.stringify(undecidedKeys[0])}`]
      : []),
  ]);
  const summary = `${result.operations} operations on ${result.keys} keys: ${ok} ok, ${fail} failed, ${unknown} unknown. Verdict: ${result.verdict}.`;
  return [...lines, '', ...reasons, ...(reasons.length > 0 ? [''] : []), summary, ''].join('\n');
}

function rowOf({ checker, verdict, checkedOperations, violations }: Verdict): string[] {
  return [checker, verdict, String(checkedOperations), String(violations.length)];
}
