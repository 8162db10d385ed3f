/** What one phase showed, for each side of the network. Pure: a history in, figures out. */
import type { Policy } from '../../src/core/policy.js';
import { GUARANTEES, type Guarantee } from '../../src/core/receipt.js';
import type { CheckResult } from '../check.js';
import { checkLinearizability } from '../checkers/linearizability.js';
import { byKey, isAcknowledged, isMutation, pairOperations, type Operation } from '../checkers/operation.js';
import type { Outcome } from '../checkers/verdict.js';
import type { HistoryEvent } from '../history.js';
import { groupOf } from '../run/callers.js';
import { isAnswered, latencyOf, stalenessOf } from '../run/measures.js';
import { readAges } from '../staleness.js';
import { isOnSide, sidesOf, type Phase, type Side } from './cells.js';
import type { Level } from '../../src/core/level.js';

export interface Cell {
  readonly policy: Policy;
  readonly level: Level;
  readonly condition: Phase['condition'];
  readonly side: Side;
  readonly calls: number;
  /** Share that was answered, 0 to 1. */
  readonly availability: number;
  /** Of answers; null where there were none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly reads: number;
  /** Share of the reads that were stale; null without reads. */
  readonly staleShare: number | null;
  readonly staleMaxMs: number;
  /** Keys whose last acknowledged write on this side was gone after the heal, and keys that it wrote at all. */
  readonly lostKeys: number;
  readonly writtenKeys: number;
  /** Of the lost ones, those whose last write is listed in the conflict ledger. */
  readonly listedKeys: number;
  /** What receipts vouched for, strongest first, by how many said so. */
  readonly claimed: Readonly<Record<Guarantee, number>>;
  /** Of every checker, over the phase as a whole. */
  readonly verdict: Outcome;
  /** Whether this side's answers would have passed as linearizable, whatever they claimed; null without answers. */
  readonly looksLinearizable: boolean | null;
}

/** Whether the conflict ledger lists this write; the value as histories write it. */
export type IsListed = (key: string, value: string) => boolean;

export function judgeCell(
  phase: Phase,
  history: readonly HistoryEvent[],
  result: CheckResult,
  isListed: IsListed = () => false,
): Cell[] {
  const operations = pairOperations(history);
  const ages = new Map(readAges(operations).map(({ read, staleMs }) => [read, staleMs]));
  return sidesOf(phase.condition).map((side) => {
    const own = operations.filter(({ process, final }) => !final && isOnSide(side, groupOf(process)));
    const answered = own.filter(isAnswered);
    const latency = latencyOf(own);
    const { reads, staleReads, staleMaxMs } = stalenessOf(own, ages);
    return {
      ...phase,
      side,
      calls: own.length,
      availability: own.length === 0 ? 0 : answered.length / own.length,
      p50Ms: answered.length === 0 ? null : latency.percentileMs(50),
      p99Ms: answered.length === 0 ? null : latency.percentileMs(99),
      reads,
      staleShare: reads === 0 ? null : staleReads / reads,
      staleMaxMs,
      ...lostOf(operations, side, isListed),
      claimed: claimsOf(answered),
      verdict: result.verdict,
      looksLinearizable: answered.length === 0 ? null : looksLinearizable(operations, side),
    };
  });
}

function claimsOf(answered: readonly Operation[]): Record<Guarantee, number> {
  const count = (guarantee: Guarantee): number =>
    answered.filter(({ receipt }) => receipt?.guarantee === guarantee).length;
  return Object.fromEntries(GUARANTEES.map((guarantee) => [guarantee, count(guarantee)])) as Record<Guarantee, number>;
}

/** A write is gone where the end shows one that ended before it began, or one from a side that could not see it. */
function lostOf(
  operations: readonly Operation[],
  side: Side,
  isListed: IsListed,
): Pick<Cell, 'lostKeys' | 'writtenKeys' | 'listedKeys'> {
  let [lostKeys, writtenKeys, listedKeys] = [0, 0, 0];
  for (const [key, ofKey] of byKey(operations)) {
    const last = ofKey
      .filter((one) => isAcknowledged(one) && one.receipt?.superseded !== true && isOnSide(side, groupOf(one.process)))
      .reduce<Operation | undefined>(
        (latest, one) => (latest === undefined || one.endMs > latest.endMs ? one : latest),
        undefined,
      );
    const final = ofKey.findLast(({ kind, outcome, final: isFinal }) => kind === 'get' && outcome === 'ok' && isFinal);
    if (last === undefined || final === undefined) continue;
    writtenKeys += 1;
    const shown = ofKey.find((one) => isMutation(one) && one.value === final.value);
    const isKept = shown !== undefined && isOnSide(side, groupOf(shown.process)) && shown.endMs >= last.startMs;
    if (isKept) continue;
    lostKeys += 1;
    if (isListed(key, last.value ?? '')) listedKeys += 1;
  }
  return { lostKeys, writtenKeys, listedKeys };
}

/** The other side's writes may have happened or not. */
function looksLinearizable(operations: readonly Operation[], side: Side): boolean {
  const claimed = operations.map((one): Operation => {
    const isOwn = !one.final && isOnSide(side, groupOf(one.process));
    return { ...one, receipt: { ...one.receipt, guarantee: isOwn ? 'linearizable' : 'eventual' } };
  });
  return checkLinearizability(claimed).verdict === 'valid';
}
