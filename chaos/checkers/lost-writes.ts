/**
 * Acknowledged writes that the end of the run does not show. Judged are reads made after every mutation of the
 * key had ended: those vouched for as linearizable, and those marked `final` whatever they vouch for.
 *
 * A final value must be one that some mutation may have left there last. A linearizable write is lost where that
 * mutation had ended before it began. A weaker one may be superseded by any other, also one that ended long
 * before (last writer wins, by ballots that a history does not show), and need not have happened yet for a read that
 * is not final (PROTOCOL.md rule 12), but it cannot vanish.
 */
import {
  byKey,
  describe,
  isAcknowledged,
  isLinearizable,
  isMutation,
  mayHaveApplied,
  writtenValue,
  type Operation,
} from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';

/** A write that the conflict ledger lists: discarded by a merge, but not without a trace. */
export interface DiscardedWrite {
  readonly key: string;
  readonly version: string;
}

export function checkLostWrites(
  operations: readonly Operation[],
  options: { readonly discarded?: readonly DiscardedWrite[] | undefined } = {},
): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const listed = listedOf(key, ofKey, options.discarded ?? []);
    // What a listed write may have taken the place of was superseded in order.
    const isAccounted = (one: Operation): boolean => listed.some((other) => other === one || other.end > one.start);
    const acknowledged = ofKey.filter((one) => isAcknowledged(one) && !isAccounted(one));
    const lastEnd = Math.max(-1, ...acknowledged.map(({ end }) => end));
    const finals = ofKey.filter(
      (one) => one.kind === 'get' && one.outcome === 'ok' && one.start > lastEnd && (one.final || isLinearizable(one)),
    );
    if (finals.length === 0 || acknowledged.length === 0) continue;
    checked += acknowledged.length;
    const violation = finals
      .map((read) => lostBefore(key, read, ofKey, acknowledged))
      .find((found) => found !== undefined);
    if (violation !== undefined) violations.push(violation);
  }
  return verdictOf('lost-writes', checked, violations);
}

/** Operations that the ledger lists; what was answered without a version, or not at all, may be meant by any entry. */
function listedOf(key: string, ofKey: readonly Operation[], discarded: readonly DiscardedWrite[]): Operation[] {
  const versions = new Set(discarded.filter((one) => one.key === key).map(({ version }) => version));
  const known = new Set(ofKey.filter(({ kind }) => kind !== 'get').map(({ version }) => version));
  const isUnknownListed = [...versions].some((version) => !known.has(version));
  return ofKey.filter(({ kind, outcome, version }) =>
    version === undefined
      ? isUnknownListed && kind !== 'get' && outcome !== 'fail'
      : kind !== 'get' && versions.has(version),
  );
}

function lostBefore(
  key: string,
  read: Operation,
  ofKey: readonly Operation[],
  lasting: readonly Operation[],
): Violation | undefined {
  const acknowledged = lasting.filter((one) => one.receipt?.superseded !== true && (read.final || isLinearizable(one)));
  const left = ofKey.filter((one) => mayHaveApplied(one) && one.start < read.end && mayShow(one, read));
  const writers = left.filter((one) => !isMadeObsolete(one, acknowledged));
  if (writers.length > 0 || acknowledged.length === 0) return undefined;
  const lost = acknowledged.filter((one) => left.every((writer) => isMadeObsolete(writer, [one])));
  const blamed = lost.length > 0 ? lost : acknowledged;
  const explanation = `${describe(read)} at the end: ${blamed.length} acknowledged ${blamed.length === 1 ? 'write is' : 'writes are'} lost, the last one ${describe(blamed.at(-1)!)}`;
  return { key, explanation, operations: [...blamed.slice(-5), read] };
}

/** Whether a mutation may be what a read shows. */
function mayShow(mutation: Operation, read: Operation): boolean {
  if (read.value === null) return mutation.kind === 'delete' || mutation.ttlMs > 0;
  if (mutation.version !== undefined && read.version !== undefined) return mutation.version === read.version;
  const written = writtenValue(mutation);
  return written === undefined || written === read.value;
}

/** Only what is vouched for as linearizable had certainly happened by its end. */
function isMadeObsolete(mutation: Operation, acknowledged: readonly Operation[]): boolean {
  if (mutation.outcome !== 'ok' || !isLinearizable(mutation) || mutation.ttlMs > 0) return false;
  return acknowledged.some(
    (one) => one !== mutation && isMutation(one) && isLinearizable(one) && mutation.end < one.start,
  );
}
