/**
 * Writes the tombstones of values that have expired and that nobody reads (PROTOCOL.md rule 15). The first home
 * replica of a key that can be reached does it for the others, by a conditional delete of the expired version on the
 * consensus path, in clusters of every policy.
 */
import type { Ballot } from '../core/ballot.js';
import { SWEEP_BATCH, SWEEP_BUSY_PAUSE_MS, SWEEP_PERIOD_MS, TOTAL_TIMEOUT_MS } from '../core/defaults.js';
import { makeOperation } from '../core/operation.js';
import type { Record } from '../core/register.js';
import type { Reply } from '../core/request.js';
import type { Version } from '../core/version.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Kv } from '../ports/kv.js';
import type { Log } from '../ports/log.js';
import type { Expiry, Store } from '../ports/store.js';
import type { Replica } from './replica.js';

export interface ExpirySweeperParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly replica: Replica;
  readonly log: Log;
  /** Carries out a request of the node's own. */
  readonly execute: Kv['execute'];
  readonly mint: (key: string) => Ballot;
  /** Whether this node is the first home replica of the key that can be reached. */
  readonly isFirst: (key: string) => boolean;
}

export class ExpirySweeper {
  readonly #parts: ExpirySweeperParts;
  #timer: Timer | undefined;
  #stopped = false;
  /** Where the last page ended; null: at the end of what has expired. */
  #after: Expiry | null = null;
  #outdated: Expiry[] = [];
  /** Tombstones written. */
  swept = 0;

  constructor(parts: ExpirySweeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#wait(SWEEP_PERIOD_MS);
  }

  /** What it has begun is finished like any request. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #wait(ms: number): void {
    if (this.#stopped) return;
    this.#timer = this.#parts.clock.setTimer(ms, () => {
      this.#run();
    });
  }

  #run(): void {
    const { store, clock, log } = this.#parts;
    store.expiring(this.#after, clock.physicalMicros(), SWEEP_BATCH, (error, expiries) => {
      if (this.#stopped) return;
      if (error !== null) log.warn({ error: error.message }, 'expired values cannot be listed');
      const isFull = expiries.length === SWEEP_BATCH;
      this.#after = isFull ? expiries[SWEEP_BATCH - 1]! : null;
      this.#visitAll(expiries, () => {
        if (this.#stopped) return;
        this.#forget();
        this.#wait(isFull ? SWEEP_BUSY_PAUSE_MS : SWEEP_PERIOD_MS);
      });
    });
  }

  #visitAll(expiries: readonly Expiry[], done: () => void): void {
    let left = expiries.length;
    if (left === 0) done();
    for (const expiry of expiries) {
      this.#visit(expiry, () => {
        left -= 1;
        if (left === 0) done();
      });
    }
  }

  #visit(expiry: Expiry, done: () => void): void {
    const { replica, isFirst } = this.#parts;
    replica.durable(expiry.key, (record) => {
      if (!bearsOut(record, expiry)) {
        this.#outdated.push(expiry);
        done();
      } else if (this.#stopped || !isFirst(expiry.key)) done();
      else this.#sweep(expiry.key, record.state!.version, done);
    });
  }

  #sweep(key: string, version: Version, done: () => void): void {
    const { execute, mint } = this.#parts;
    const operation = makeOperation(mint(key), 'consensus', { kind: 'delete', expect: version });
    const timeoutMs = TOTAL_TIMEOUT_MS;
    execute({ kind: 'mutate', key, level: 'QUORUM', operation, name: null, timeoutMs }, (reply) => {
      if (isGone(reply)) this.swept += 1;
      done();
    });
  }

  /**
   * Looks once more, and in the turn in which it forgets: a record that expires then and was not there now brings its
   * expiry along in a later write.
   */
  #forget(): void {
    const { replica, store, log } = this.#parts;
    const outdated: Expiry[] = [];
    for (const expiry of this.#outdated.splice(0)) {
      replica.newest(expiry.key, (record) => {
        if (!bearsOut(record, expiry)) outdated.push(expiry);
      });
    }
    if (outdated.length === 0) return;
    store.forgetExpiries(outdated, (error) => {
      if (error !== null) log.warn({ error: error.message }, 'expiries that are out of date could not be dropped');
    });
  }
}

function bearsOut({ state }: Record, { expiresAt }: Expiry): boolean {
  return state?.hasValue === true && state.expiresAt === expiresAt;
}

/** A mutation that finds the value expired writes the tombstone, and then its condition does not hold. */
function isGone(reply: Reply): boolean {
  if (reply.kind === 'mutated') return true;
  return reply.kind === 'error' && reply.error.code === 'CONDITION_FAILED' && reply.existed === false;
}
