/** One logical mutation: minted once, kept through every retry (PROTOCOL.md, "operation"). */
import type { Ballot, Micros } from './ballot.js';
import { hashBytes, hashText } from './hash.js';
import type { ValueEncoding } from './state.js';
import { formatVersion, NO_VERSION, sameVersion, type Version } from './version.js';

/** What must hold for a conditional mutation to apply. */
export type Expectation = 'absent' | Version;

export type Mutation =
  | {
      readonly kind: 'put';
      readonly value: Uint8Array;
      readonly encoding: ValueEncoding;
      /** 0: never. Counted from the operation's time, never from a coordinator's clock. */
      readonly ttlMs: number;
      readonly expect: Expectation | null;
    }
  | { readonly kind: 'delete'; readonly expect: Expectation | null };

/**
 * How the operation is replicated; fixed when it is minted. `consensus`: decided by a majority, or not at all. `latency`:
 * written under its own ballot (rule 11). `blind`: decided by a majority where there is one, and written under its own
 * ballot where there is none (a degraded write). Whatever may be written under its own ballot by some coordinator may
 * not be written below it by another one, or it would take effect again when they meet (rule 6a): so it hardly ever
 * takes the owner's path.
 *
 * Nothing sends a `blind` put without a prepare round while there is a majority (rule 8, optional). A prototype was measured against the slow path: processor time
 * an operation of client and nodes, 3 nodes, PC/EC, QUORUM, 100 B, 256 under way, medians of five alternating rounds of
 * 3,000 new keys on a busy machine of two cores. The first put took 163 to 174 µs, not 309. But it leaves the key
 * without an owner. Where later puts are consensus, the next one pays the slow path (278 µs, not 132), so that put and
 * update together cost the same (441 and 442) and with a second update more (618, not 555). Where every plain put is
 * blind, put and update cost 303 µs, with a second update 423; but no key then has an owner or remembers the operations
 * before its last write, and whoever changes it on a condition pays the slow path each time a put came between. Nor
 * can a blind put tell whether the key existed: its window entry makes that up, and a replay of it broke
 * linearizability in the simulator. `put-new` of the benchmark shows what first puts cost.
 */
export type Form = 'consensus' | 'blind' | 'latency';

export interface Operation {
  /** The operation's identity is a ballot: (opTime, minter, its incarnation, 0). */
  readonly id: Ballot;
  readonly form: Form;
  readonly mutation: Mutation;
  readonly fingerprint: number;
}

/**
 * What an operation carries that only looks up what became of another one, whose identity it has: a deletion on a
 * condition that never holds. Found in the key's window, it is answered with what that one did. Not found, it takes that
 * one's place there as having failed, like any condition that did not hold (PROTOCOL.md rule 7c), so that no attempt of
 * it that is still on its way can take effect any more.
 */
export const LOOK_UP: Mutation = Object.freeze({ kind: 'delete', expect: NO_VERSION });

export function isLookUp({ kind, expect }: Mutation): boolean {
  return kind === 'delete' && expect !== null && expect !== 'absent' && sameVersion(expect, NO_VERSION);
}

export function makeOperation(id: Ballot, form: Form, mutation: Mutation): Operation {
  return { id, form, mutation, fingerprint: fingerprintOf(mutation) };
}

/** 0: never. A pure function of the operation, so that every process that resends it writes the same state. */
export function expiryOf(op: Operation): Micros {
  const { mutation } = op;
  return mutation.kind === 'put' && mutation.ttlMs > 0 ? op.id.time + mutation.ttlMs * 1_000 : 0;
}

function fingerprintOf(mutation: Mutation): number {
  const { expect } = mutation;
  const condition = expect === null ? 0 : hashText(expect === 'absent' ? expect : formatVersion(expect), 1);
  if (mutation.kind === 'delete') return (condition ^ 0x2d) >>> 0;
  return hashBytes(mutation.value, condition ^ mutation.ttlMs ^ (mutation.encoding === 'bytes' ? 0x17 : 0x71));
}
