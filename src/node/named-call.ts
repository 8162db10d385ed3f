/**
 * A mutation under a name given by its caller (PROTOCOL.md rule 20), at the coordinator of its key: claim the
 * name, carry out the operation that the claim fixes, record the outcome in the claim.
 */
import { NO_BALLOT, type Ballot } from '../core/ballot.js';
import { claimKey, formatClaim, parseClaim, type Claim, type ClaimOutcome } from '../core/claim.js';
import { CLAIM_LIFETIME_MS } from '../core/defaults.js';
import { majority, requiredReplicas } from '../core/level.js';
import { isLookUp, makeOperation, type Expectation } from '../core/operation.js';
import type { ErrorReply, MutateRequest, Reply } from '../core/request.js';
import type { Kv } from '../ports/kv.js';
import { NO_VERSION, type Version } from '../core/version.js';
import type { Pending } from './pending.js';
import * as refusals from './refusals.js';
import { serverMicros, type Tools } from './tools.js';

export class NamedCall {
  readonly #tools: Tools;
  /** Any request of the cluster's own, wherever its key lives. */
  readonly #run: Kv['execute'];
  readonly #pending: Pending<MutateRequest>;
  readonly #name: string;
  readonly #claimKey: string;
  /** This call made the claim, and nobody else has registered in it yet as far as it knows. */
  #creator = false;
  #claimVersion: Version | undefined;

  constructor(tools: Tools, execute: Kv['execute'], pending: Pending<MutateRequest>, name: string) {
    this.#tools = tools;
    this.#run = execute;
    this.#pending = pending;
    this.#name = name;
    this.#claimKey = claimKey(name);
  }

  start(): void {
    if (this.#onlyLooks) this.#look();
    else this.#claim();
  }

  /** Its caller only wants to know what became of the operation of this name. */
  get #onlyLooks(): boolean {
    return isLookUp(this.#pending.request.operation.mutation);
  }

  #claim(): void {
    const { operation } = this.#pending.request;
    const { fingerprint } = operation;
    const claim: Claim = { key: this.#pending.key, fingerprint, operation: operation.id, shared: false, outcome: null };
    this.#write(claim, 'absent', (reply) => {
      if (reply.kind === 'mutated') {
        this.#creator = true;
        this.#execute(claim);
      } else this.#afterRefusal(reply);
    });
  }

  /** The claim was not written: because there is one already, or because no majority could say. */
  #afterRefusal(reply: Reply): void {
    if (reply.kind === 'error' && reply.error.code === 'CONDITION_FAILED') this.#look();
    else this.#settle(this.#notExecuted(reply));
  }

  #look(): void {
    const timeoutMs = this.#timeLeft();
    this.#run({ kind: 'get', key: this.#claimKey, level: 'QUORUM', allowStale: false, timeoutMs }, (reply) => {
      if (reply.kind !== 'value' || reply.receipt.degraded) this.#settle(this.#notExecuted(reply));
      else if (reply.value === null && this.#onlyLooks) this.#claimAsNotApplied();
      else if (reply.value === null) this.#claim();
      else this.#join(parseClaim(new TextDecoder().decode(reply.value)), reply.version);
    });
  }

  /** Nothing was carried out under the name, and from here on nothing will be. */
  #claimAsNotApplied(): void {
    const { key, request } = this.#pending;
    const { id, fingerprint } = request.operation;
    const outcome = {
      applied: false,
      existed: null,
      version: NO_VERSION,
      guarantee: 'quorum',
      accepted: NO_BALLOT,
    } as const;
    this.#write({ key, fingerprint, operation: id, shared: true, outcome }, 'absent', (reply) => {
      if (reply.kind === 'mutated') this.#settle(this.#recorded(outcome));
      else this.#afterRefusal(reply);
    });
  }

  /** Somebody claimed the name before. */
  #join(claim: Claim | undefined, version: Version): void {
    this.#creator = false;
    const { request, key } = this.#pending;
    const isSame = this.#onlyLooks || claim?.fingerprint === request.operation.fingerprint;
    if (claim?.key !== key || !isSame) this.#settle(refusals.opMismatch());
    else if (claim.outcome !== null) this.#settle(this.#recorded(claim.outcome));
    else if (claim.shared) {
      this.#claimVersion = version;
      this.#execute(claim);
    } else {
      const shared = { ...claim, shared: true };
      this.#write(shared, version, (reply) => {
        if (reply.kind === 'mutated') this.#execute(shared);
        else this.#afterRefusal(reply);
      });
    }
  }

  #execute(claim: Claim): void {
    const { request } = this.#pending;
    const operation = makeOperation(claim.operation, 'consensus', request.operation.mutation);
    this.#run({ ...request, operation, timeoutMs: this.#timeLeft() }, (reply) => {
      if (reply.kind === 'error' && reply.error.code === 'TOO_OLD') this.#onTooOld(claim, reply.error.floor ?? 0);
      else this.#record(claim, reply);
    });
  }

  #onTooOld(claim: Claim, floor: number): void {
    if (!this.#creator || this.#claimVersion === undefined) {
      this.#settle(refusals.outcomeUnknown('the key no longer remembers the operation of this name'));
      return;
    }
    const { mint, clock } = this.#tools;
    const operation: Ballot = mint.mint(this.#pending.key, clock.physicalMicros(), floor);
    const again = { ...claim, operation };
    // Only while no second executor has registered: the comparison fails as soon as one has.
    this.#write(again, this.#claimVersion, (reply) => {
      if (reply.kind === 'mutated') this.#execute(again);
      else this.#afterRefusal(reply);
    });
  }

  /** The outcome goes into the claim before the caller hears of it; where that fails, the write is done all the same. */
  #record(claim: Claim, reply: Reply): void {
    const outcome = outcomeOf(reply);
    if (outcome === undefined || this.#claimVersion === undefined)
      this.#settle(this.#creator ? reply : sharedRefusal(reply));
    else {
      this.#write({ ...claim, outcome }, this.#claimVersion, () => {
        this.#settle(reply);
      });
    }
  }

  #write(claim: Claim, expect: Expectation, done: (reply: Reply) => void): void {
    const { mint, clock } = this.#tools;
    const value = new TextEncoder().encode(formatClaim(claim));
    const operation = makeOperation(mint.mint(this.#claimKey, clock.physicalMicros()), 'consensus', {
      kind: 'put',
      value,
      encoding: 'bytes',
      ttlMs: CLAIM_LIFETIME_MS,
      expect,
    });
    const timeoutMs = this.#timeLeft();
    this.#run({ kind: 'mutate', key: this.#claimKey, level: 'QUORUM', operation, name: null, timeoutMs }, (reply) => {
      if (reply.kind === 'mutated') this.#claimVersion = reply.version;
      done(reply);
    });
  }

  #recorded({ applied, existed, version, accepted, guarantee }: ClaimOutcome): Reply {
    const { homes, level, startedMs, operation, unreachable } = this.#pending;
    const receipt = this.#tools.shapes.of(homes, {
      operation,
      level,
      guarantee,
      required: requiredReplicas(level, homes.length),
      answered: 0,
      unreachable,
      durableCopies: majority(homes.length),
      rounds: 1,
      replayed: true,
      decided: true,
    });
    const micros = serverMicros(this.#tools.clock, startedMs);
    if (!applied)
      return refusals.conditionFailed({ version, existed: existed === true, receipt, accepted, serverMicros: micros });
    return { kind: 'mutated', version, accepted, existed, receipt, serverMicros: micros };
  }

  /** Whatever happened to the claim, this attempt did not execute the operation. */
  #notExecuted(reply: Reply): ErrorReply {
    const cause = reply.kind === 'error' ? reply.error : undefined;
    return refusals.notClaimed(this.#name, cause);
  }

  #timeLeft(): number {
    return Math.max(0, this.#pending.deadlineMs - this.#tools.clock.monotonicMs());
  }

  #settle(reply: Reply): void {
    this.#pending.settle(reply);
  }
}

function outcomeOf(reply: Reply): ClaimOutcome | undefined {
  if (reply.kind === 'mutated') {
    const { existed, version, receipt, accepted } = reply;
    return { applied: true, existed, version, guarantee: receipt.guarantee, accepted };
  }
  if (reply.kind !== 'error' || reply.version === undefined) return undefined;
  const { version, existed = null, receipt, accepted = NO_BALLOT, error } = reply;
  const guarantee = receipt?.guarantee ?? 'quorum';
  if (error.code === 'CONDITION_FAILED') return { applied: false, existed, version, guarantee, accepted };
  return error.code === 'LEVEL_NOT_MET' ? { applied: true, existed, version, guarantee, accepted } : undefined;
}

/** Rule 21: what refused this attempt says nothing about the attempts of others under the same name. */
function sharedRefusal(reply: Reply): Reply {
  if (reply.kind !== 'error' || !reply.error.definite || reply.error.code === 'OP_MISMATCH') return reply;
  return refusals.outcomeUnknown(
    `this attempt was refused (${reply.error.code}), another one under the same name may not have been`,
  );
}
