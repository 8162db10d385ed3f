/** A receipt never claims more than was there: by itself, and against the copies that really were durable. */
import { isLevel, requiredReplicas } from '../../src/core/level.js';
import { isPolicy } from '../../src/core/policy.js';
import { GUARANTEES } from '../../src/core/receipt.js';
import type { HistoryReceipt } from '../history.js';
import { describe, isConditional, isMutation, type Operation } from './operation.js';
import { strongestGuarantee } from './strongest-guarantee.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

/** The home replicas that held a version, or a later one, on disk when its receipt was issued. */
export interface DurableCopies {
  readonly key: string;
  readonly version: string;
  readonly nodes: readonly string[];
}

export interface ReceiptOptions {
  /** Home replicas of a key. */
  readonly replicas: number;
  readonly copies?: readonly DurableCopies[];
}

export function checkReceipts(operations: readonly Operation[], options: ReceiptOptions): Verdict {
  const copies = new Map(options.copies?.map((seen) => [JSON.stringify([seen.key, seen.version]), seen.nodes]));
  const violations: Violation[] = [];
  let checked = 0;
  for (const operation of operations) {
    const { receipt, key, version, outcome } = operation;
    if (receipt === undefined || outcome !== 'ok') continue;
    checked += 1;
    const there = version === undefined ? undefined : copies.get(JSON.stringify([key, version]));
    const problem = receiptProblem(operation, receipt, options.replicas) ?? copiesProblem(operation, receipt, there);
    if (problem === undefined) continue;
    violations.push({ key, explanation: `${describe(operation)}: ${problem}`, operations: [operation] });
  }
  return verdictOf('receipts', checked, violations);
}

/** What a receipt says that cannot be so, or undefined. Fields that are not there are not judged. */
export function receiptProblem(
  operation: Operation,
  receipt: HistoryReceipt,
  homeReplicas: number,
): string | undefined {
  return (
    answersProblem(receipt, homeReplicas) ??
    levelProblem(receipt, homeReplicas) ??
    guaranteeProblem(operation, receipt, homeReplicas)
  );
}

function answersProblem(receipt: HistoryReceipt, homeReplicas: number): string | undefined {
  const { acks, replicas = [], missing = [] } = receipt;
  if (new Set(replicas).size !== replicas.length) return 'a replica is counted twice';
  if (acks !== undefined && receipt.replicas !== undefined && acks !== replicas.length) {
    return `${acks} acknowledgements by ${replicas.length} replicas`;
  }
  const both = missing.filter((node) => replicas.includes(node));
  if (both.length > 0) return `${both.join(', ')} both answered and missing`;
  if (replicas.length + missing.length > homeReplicas) {
    return `more replicas named than the ${homeReplicas} home replicas`;
  }
  return countsProblem(receipt, homeReplicas);
}

function countsProblem(receipt: HistoryReceipt, homeReplicas: number): string | undefined {
  const { acks = 0, missing, hinted = 0, durableCopies = 0, rounds, degraded } = receipt;
  if (acks > homeReplicas) return `${acks} acknowledgements of ${homeReplicas} home replicas`;
  if (durableCopies > homeReplicas) return `${durableCopies} durable copies at ${homeReplicas} home replicas`;
  // A replica that was missing may have answered in the end: then it is not named, and its hint is kept all the same.
  if (hinted > 0 && missing?.length === 0 && degraded !== true) return 'hints kept although no replica was missing';
  if (hinted >= homeReplicas) return `${hinted} hints for ${homeReplicas} home replicas, one of which answered`;
  return rounds === 0 && acks > 1 ? `${acks} acknowledgements without asking anybody` : undefined;
}

function levelProblem({ level, required, acks, degraded }: HistoryReceipt, homeReplicas: number): string | undefined {
  if (level === undefined) return undefined;
  if (!isLevel(level)) return `unknown level ${String(level)}`;
  const needed = requiredReplicas(level, homeReplicas);
  if (required !== undefined && required !== needed)
    return `level ${level} requires ${needed} of ${homeReplicas}, not ${required}`;
  if (acks === undefined || degraded === undefined) return undefined;
  if (!degraded && acks < needed) return `level ${level} acknowledged with ${acks} of ${needed}, not degraded`;
  return degraded && acks >= needed ? `degraded although level ${level} was met` : undefined;
}

function guaranteeProblem(operation: Operation, receipt: HistoryReceipt, homeReplicas: number): string | undefined {
  const { policy, level, acks, guarantee, degraded = false, superseded } = receipt;
  if (superseded === true && !isMutation(operation)) return 'a get cannot be superseded';
  if (superseded === true && guarantee === 'linearizable') return 'a superseded write vouched for as linearizable';
  if (policy !== undefined && !isPolicy(policy)) return `unknown policy ${String(policy)}`;
  if (policy === undefined || level === undefined || acks === undefined) return undefined;
  const alwaysConsensus = isMutation(operation) && (isConditional(operation) || operation.named);
  const most = strongestGuarantee({ policy, level, acks, replicas: homeReplicas, degraded, alwaysConsensus });
  const at = `${level} under ${policy} with ${acks} of ${homeReplicas}${degraded ? ', degraded' : ''}`;
  if (most === 'impossible') return `answered ok at ${at}`;
  return GUARANTEES.indexOf(guarantee) < GUARANTEES.indexOf(most)
    ? `${guarantee} at ${at}, where the most is ${most}`
    : undefined;
}

function copiesProblem(
  operation: Operation,
  receipt: HistoryReceipt,
  there: readonly string[] | undefined,
): string | undefined {
  if (there === undefined) return undefined;
  const { acks, durableCopies, replicas } = receipt;
  const found = `only ${there.length} durable: ${there.join(', ') || 'none'}`;
  if (durableCopies !== undefined && durableCopies > there.length)
    return `${durableCopies} durable copies claimed, ${found}`;
  if (!isMutation(operation)) return undefined;
  if (acks !== undefined && acks > there.length) return `${acks} acknowledgements, ${found}`;
  const without = replicas?.filter((node) => !there.includes(node)) ?? [];
  return without.length > 0 ? `acknowledged by ${without.join(', ')}, where it was not durable` : undefined;
}
