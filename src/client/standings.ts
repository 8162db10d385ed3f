/** Where a session stands with each key that it has read or written. */
import { compareBallots, isNone, type Micros } from '../core/ballot.js';
import { isCreatedAbove } from '../core/floor.js';
import type { MutateReply, ValueReply } from '../core/request.js';
import { isFound } from '../core/request.js';
import { hashOfKey, type KeyHash, type Standing } from '../core/session-token.js';
import { NO_VERSION, sameVersion } from '../core/version.js';

/**
 * Whether this answer shows no less than the session has seen. A record that is gone shows no less than a deletion did,
 * and what has expired by one node's clock does not come back by another's.
 */
export function showsNoLess(standing: Standing | undefined, reply: ValueReply): boolean {
  if (standing?.absent !== true) return reply.behind === undefined;
  if (reply.behind !== undefined) return isNone(reply.accepted);
  if (!isFound(reply)) return true;
  const { accepted, version } = standing;
  return sameVersion(version, NO_VERSION)
    ? isCreatedAbove(reply.version, accepted)
    : !sameVersion(reply.version, version);
}

export class Standings {
  readonly #byKey: Map<KeyHash, Standing>;

  constructor(known: ReadonlyMap<KeyHash, Standing>) {
    this.#byKey = new Map(known);
  }

  get size(): number {
    return this.#byKey.size;
  }

  get all(): ReadonlyMap<KeyHash, Standing> {
    return this.#byKey;
  }

  /** What later operations must come after; 0: nothing. */
  get newest(): Micros {
    let newest = 0;
    for (const { accepted } of this.#byKey.values()) newest = Math.max(newest, accepted.time);
    return newest;
  }

  of(key: string): Standing | undefined {
    return this.#byKey.get(hashOfKey(key));
  }

  forget(key: string): void {
    this.#byKey.delete(hashOfKey(key));
  }

  /** A read was answered with this, and it reached what was known. */
  sawValue(key: string, reply: ValueReply): void {
    this.#raise(key, { accepted: reply.accepted, version: reply.version, absent: !isFound(reply) });
  }

  /**
   * A write was acknowledged. One that was superseded is not what readers see, so that nothing is promised of it; and
   * of one that every home replica holds nothing need be remembered. False: it is below what was seen of the key, so
   * that it loses against that wherever the two meet, whatever those that took it know.
   */
  wrote(key: string, isDelete: boolean, reply: MutateReply, replicas: number): boolean {
    const { accepted, version, receipt } = reply;
    if (receipt.superseded) return true;
    const known = this.of(key);
    if (known !== undefined && compareBallots(accepted, known.accepted) < 0) return false;
    if (receipt.level === 'ALL' && !receipt.degraded && receipt.acks >= replicas) this.forget(key);
    else this.#raise(key, { accepted, version, absent: isDelete });
    return true;
  }

  #raise(key: string, standing: Standing): void {
    if (isNone(standing.accepted)) return;
    const hash = hashOfKey(key);
    const known = this.#byKey.get(hash);
    const order = known === undefined ? 1 : compareBallots(standing.accepted, known.accepted);
    if (order > 0) this.#byKey.set(hash, standing);
    // The value that was seen has expired.
    else if (order === 0 && standing.absent) this.#byKey.set(hash, { ...known!, absent: true });
  }
}
