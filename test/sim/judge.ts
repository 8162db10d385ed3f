/** The judgement of a run's history: every checker, and what they do not look at. */
import { check } from '../../chaos/check.js';
import type { DiscardedWrite } from '../../chaos/checkers/lost-writes.js';
import { isLinearizable, pairOperations, type Operation } from '../../chaos/checkers/operation.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { Violation } from './violation.js';

export interface Judged {
  readonly events: readonly HistoryEvent[];
  /** Home replicas of a key. */
  readonly replicas: number;
  /** Values that the disks hold at the end. */
  readonly lasting: ReadonlySet<string>;
  /** What the conflict ledgers list. */
  readonly discarded: readonly DiscardedWrite[];
}

/** Throws the first violation. */
export function judge({ events, replicas, lasting, discarded }: Judged): void {
  const operations = pairOperations(events);
  failuresNeverShow(operations, lasting);
  oneVersionPerWrite(operations);
  for (const { checker, violations, undecidedKeys } of check(events, { replicas, discarded }).verdicts) {
    if (violations.length > 0)
      throw new Violation(checker, violations.map(({ explanation }) => explanation).join('\n'));
    if (undecidedKeys.length > 0) throw new Violation(`${checker} is decided`, `too hard: ${undecidedKeys.join()}`);
  }
}

/** Invariant 7. Every value is written by one operation only. */
function failuresNeverShow(operations: readonly Operation[], lasting: ReadonlySet<string>): void {
  for (const { kind, outcome, value, code, process } of operations) {
    if (kind === 'get' || outcome !== 'fail' || value == null || !lasting.has(value)) continue;
    throw new Violation(
      'a definite failure never shows',
      `${process} was told ${code ?? 'fail'} for ${kind} ${value}, and it is on a disk`,
    );
  }
}

/** Invariant 4: one version for one value. */
function oneVersionPerWrite(operations: readonly Operation[]): void {
  const versions = new Map<string, string>();
  for (const operation of operations) {
    const { kind, outcome, key, version, value } = operation;
    if (outcome !== 'ok' || version === undefined || kind === 'delete' || value == null) continue;
    if (!isLinearizable(operation)) continue;
    const name = `${key} ${version}`;
    const before = versions.get(value);
    if (before !== undefined && before !== name)
      throw new Violation('one version per write', `${value}: ${before} and ${name}`);
    versions.set(value, name);
  }
}
