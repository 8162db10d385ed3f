/**
 * What was answered as certainly not applied must never show up in the data. That a condition did not hold is decided by
 * a majority, for every attempt at the operation: an `eventual` read may still find an earlier attempt of it at a replica
 * that took it alone and has not heard of the decision. What was refused otherwise is nowhere.
 */
import { byKey, describe, isMutation, type Operation } from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

export function checkDefiniteFailures(operations: readonly Operation[]): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const failed = ofKey.filter((one) => isMutation(one) && one.outcome === 'fail');
    checked += failed.length;
    const reads = ofKey.filter((one) => one.kind === 'get' && one.outcome === 'ok');
    for (const one of failed) {
      if (ofKey.some((other) => other !== one && mayExplain(other, one))) continue;
      const read = reads.find((shown) => shows(shown, one));
      if (read === undefined) continue;
      violations.push({
        key,
        explanation: `${describe(read)} shows what failed definitely: ${describe(one)}`,
        operations: [one, read],
      });
    }
  }
  return verdictOf('definite-failures', checked, violations);
}

function shows(read: Operation, failed: Operation): boolean {
  if (failed.code === 'CONDITION_FAILED' && read.receipt?.guarantee === 'eventual' && !read.final) return false;
  if (read.writer !== undefined && failed.op !== undefined) return read.writer === failed.op;
  return typeof failed.value === 'string' && read.value === failed.value;
}

/** Another attempt at the same operation, or another mutation with the same value, that may have applied. */
function mayExplain(other: Operation, failed: Operation): boolean {
  if (!isMutation(other) || other.outcome === 'fail') return false;
  return (
    (failed.op !== undefined && other.op === failed.op) || (failed.value !== undefined && other.value === failed.value)
  );
}
