/**
 * Read-your-writes and monotonic reads (Terry et al., "Session guarantees for weakly consistent replicated
 * data", 1994), as two checkers. Promised to each process between its operations with linearizable receipts,
 * and to each session whatever the receipts.
 */
import {
  byKey,
  describe,
  isAcknowledged,
  isLinearizable,
  isMutation,
  mayHaveApplied,
  type Operation,
} from './operation.js';
import { parseVersion } from '../../src/core/version.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';
import { ABSENT_VERSION, VersionOrder, versionSeen } from './version-order.js';

export function checkReadYourWrites(operations: readonly Operation[]): Verdict {
  return checkSessions('read-your-writes', operations, (read, earlier, order, ofKey) => {
    const writes = earlier.filter((one) => isAcknowledged(one) && one.receipt?.superseded !== true);
    const missed = writes.find((write) => isBehind(read, write, order, ofKey) || isForgotten(read, write, earlier));
    return missed === undefined
      ? undefined
      : { earlier: missed, why: 'does not show an earlier write of its own session' };
  });
}

export function checkMonotonicReads(operations: readonly Operation[]): Verdict {
  return checkSessions('monotonic-reads', operations, (read, earlier, order, ofKey) => {
    const reads = earlier.filter((one) => !isMutation(one));
    const newer = reads.find((one) => isBehind(read, one, order, ofKey) || isForgotten(read, one, earlier));
    return newer === undefined
      ? undefined
      : { earlier: newer, why: 'shows less than an earlier read of its own session' };
  });
}

type Judge = (
  read: Operation,
  earlier: readonly Operation[],
  order: VersionOrder,
  ofKey: readonly Operation[],
) => { readonly earlier: Operation; readonly why: string } | undefined;

function checkSessions(checker: string, operations: readonly Operation[], judge: Judge): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const order = new VersionOrder(ofKey);
    for (const session of sessionsOf(ofKey)) {
      const reads = session.filter((one) => one.kind === 'get');
      checked += reads.length;
      for (const read of reads) {
        const found = judge(
          read,
          session.filter((one) => one.end < read.start),
          order,
          ofKey,
        );
        if (found === undefined) continue;
        const explanation = `${describe(read)} ${found.why}: ${describe(found.earlier)}`;
        violations.push({ key, explanation, operations: [found.earlier, read] });
      }
    }
  }
  return verdictOf(checker, checked, violations);
}

/** The answered operations of one key that were promised a common view. */
function sessionsOf(ofKey: readonly Operation[]): Operation[][] {
  const sessions = new Map<string, Operation[]>();
  const add = (name: string, one: Operation): void => {
    const list = sessions.get(name);
    if (list === undefined) sessions.set(name, [one]);
    else list.push(one);
  };
  for (const one of ofKey) {
    if (one.outcome !== 'ok' || versionSeen(one) === undefined) continue;
    if (one.session !== undefined) add(`session ${one.session}`, one);
    else if (isLinearizable(one)) add(`process ${one.process}`, one);
  }
  return [...sessions.values()];
}

function isBehind(read: Operation, earlier: Operation, order: VersionOrder, ofKey: readonly Operation[]): boolean {
  const [shown, known] = [versionSeen(read)!, versionSeen(earlier)!];
  if (shown === known) return false;
  if (shown !== ABSENT_VERSION)
    return (
      known !== ABSENT_VERSION &&
      order.isOlder(shown, known) &&
      (isLinearizable(earlier) || !isMintedLater(shown, known))
    );
  if (earlier.value === null || earlier.kind === 'delete') return false;
  return !ofKey.some((one) => mayHaveApplied(one) && (one.kind === 'delete' || one.ttlMs > 0));
}

/**
 * Where nobody vouches for a write's place in real time (PROTOCOL.md rule 12) the last writer wins by its clock, and
 * what won comes after it.
 */
function isMintedLater(version: string, than: string): boolean {
  const [one, other] = [parseVersion(version), parseVersion(than)];
  return one !== undefined && other !== undefined && one.time > other.time;
}

/**
 * The session had moved on from this version to the later one, and a version never comes back. An answer that names none
 * where there is no value may be of any deletion.
 */
function isForgotten(read: Operation, left: Operation, earlier: readonly Operation[]): boolean {
  const [shown, known] = [versionSeen(read)!, versionSeen(left)!];
  if (shown === known || shown === ABSENT_VERSION) return false;
  if (known === ABSENT_VERSION && read.value === null) return false;
  return earlier.some((one) => versionSeen(one) === shown && one.end < left.start);
}
