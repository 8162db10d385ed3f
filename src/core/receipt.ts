/**
 * The record of what one request asked, got and cost. A receipt never claims more than it can prove.
 *
 * Most receipts of a workload differ in version and time only, so the rest is a {@link ReceiptShape}: made
 * once for each combination, shared by every receipt that has it, and sent once a frame.
 */
import type { Level } from './level.js';
import { prefersConsistency, servesWithoutMajority, type Policy } from './policy.js';

/** `linearizable`; `quorum`: overlapping quorums, last writer wins; `eventual`. */
export const GUARANTEES = ['linearizable', 'quorum', 'eventual'] as const;
export type Guarantee = (typeof GUARANTEES)[number];

export const OPERATION_KINDS = ['get', 'put', 'delete'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export interface ReceiptShape {
  readonly operation: OperationKind;
  /** The level that was asked for. */
  readonly level: Level;
  readonly policy: Policy;
  /** What this answer vouches for. */
  readonly guarantee: Guarantee;
  /** Home replicas that had answered with what the level needs when the reply was sent. */
  readonly acks: number;
  readonly required: number;
  /** Those replicas, by name. */
  readonly replicas: readonly string[];
  /** Home replicas that could not be reached when the request began and did not answer. */
  readonly missing: readonly string[];
  /** Copies kept by other nodes for home replicas that could not be reached. */
  readonly hinted: number;
  /** Under PA: the level could not be met and the request was served by what was reachable. */
  readonly degraded: boolean;
  /** Copies of the answered version known to be synced to disk. */
  readonly durableCopies: number;
  /** Round trips between replicas: 0 where the coordinator answered alone. */
  readonly rounds: number;
  readonly coordinator: string;
  /** The write was answered from the record of an earlier attempt. */
  readonly replayed: boolean;
  /**
   * Last writer wins: a newer write was already there, or was seen before by the session that wrote, so this one is not
   * what a reader sees.
   */
  readonly superseded: boolean;
}

/** Of a write that loses to one that its caller has seen already: it vouches for no more than that the last writer wins. */
export function supersededReceipt<R extends ReceiptShape>(receipt: R): R {
  return {
    ...receipt,
    superseded: true,
    guarantee: receipt.guarantee === 'linearizable' ? 'quorum' : receipt.guarantee,
  };
}

export interface Receipt extends ReceiptShape {
  /** Opaque; absent where the key has no value and never had one. */
  readonly version: string | undefined;
  /** Time between the coordinator's receiving the request and its reply, in milliseconds. */
  readonly serverMs: number;
}

/** What tells one shape from another, for one list of home replicas. */
export interface ReceiptFacts {
  readonly operation: OperationKind;
  readonly level: Level;
  readonly guarantee: Guarantee;
  readonly required: number;
  /** Home replicas that answered, as bits in ring order. */
  readonly answered: number;
  /** Home replicas that could not be reached when the request began, likewise. */
  readonly unreachable: number;
  readonly durableCopies: number;
  readonly rounds: number;
  readonly hinted?: number;
  /** Begun with fewer reachable than the level asks for: it is degraded, unless as many answered in the end. */
  readonly degraded?: boolean;
  readonly replayed?: boolean;
  readonly superseded?: boolean;
  /** Decided by a majority in every policy: a condition, or an operation with a name. */
  readonly decided?: boolean;
}

const ROUNDS_MAX = 31;

/** Makes each receipt shape once. */
export class ReceiptShapes {
  readonly #shapes = new Map<readonly string[], Map<number, ReceiptShape>>();

  constructor(
    private policy: Policy,
    private readonly coordinator: string,
    /** False while a stronger policy is being settled: nothing is called linearizable yet (rule 19). */
    private mayClaim = true,
  ) {}

  use(policy: Policy, mayClaim: boolean): void {
    this.policy = policy;
    this.mayClaim = mayClaim;
    this.#shapes.clear();
  }

  /** Whether an answer may be degraded now: what was begun under PA may not end so under PC (rule 19, invariant 11). */
  get mayDegrade(): boolean {
    return servesWithoutMajority(this.policy);
  }

  of(homeReplicas: readonly string[], facts: ReceiptFacts): ReceiptShape {
    let shapes = this.#shapes.get(homeReplicas);
    if (shapes === undefined) {
      shapes = new Map();
      this.#shapes.set(homeReplicas, shapes);
    }
    const name = nameOf(facts);
    const known = shapes.get(name);
    if (known !== undefined) return known;
    const shape = this.#make(homeReplicas, facts);
    shapes.set(name, shape);
    return shape;
  }

  /** Also of what was begun under another policy: claims end with it (rule 19). */
  #mayClaim({ decided }: ReceiptFacts): boolean {
    return this.mayClaim && (decided === true || prefersConsistency(this.policy));
  }

  #make(homeReplicas: readonly string[], facts: ReceiptFacts): ReceiptShape {
    const replicas = namesOf(homeReplicas, facts.answered);
    return Object.freeze({
      operation: facts.operation,
      level: facts.level,
      policy: this.policy,
      guarantee: facts.guarantee === 'linearizable' && !this.#mayClaim(facts) ? 'quorum' : facts.guarantee,
      acks: replicas.length,
      required: facts.required,
      replicas,
      missing: namesOf(homeReplicas, facts.unreachable & ~facts.answered),
      hinted: facts.hinted ?? 0,
      degraded: facts.degraded === true && replicas.length < facts.required,
      durableCopies: facts.durableCopies,
      rounds: Math.min(facts.rounds, ROUNDS_MAX),
      coordinator: this.coordinator,
      replayed: facts.replayed ?? false,
      superseded: facts.superseded ?? false,
    });
  }
}

function namesOf(homeReplicas: readonly string[], mask: number): string[] {
  return homeReplicas.filter((_, index) => (mask & (2 ** index)) !== 0);
}

/** A number that differs for facts that differ: mixed radix, below 2^53 for up to 9 home replicas. */
function nameOf(facts: ReceiptFacts): number {
  let name = facts.answered * 2 ** 10 + (facts.unreachable & ~facts.answered);
  const add = (value: number, radix: number): void => {
    name = name * radix + Math.min(value, radix - 1);
  };
  add(OPERATION_KINDS.indexOf(facts.operation), 4);
  add(facts.level === 'ONE' ? 0 : facts.level === 'QUORUM' ? 1 : 2, 4);
  add(GUARANTEES.indexOf(facts.guarantee), 4);
  add(facts.required, 16);
  add(facts.durableCopies, 16);
  add(facts.rounds, ROUNDS_MAX + 1);
  add(facts.hinted ?? 0, 16);
  add((facts.degraded === true ? 1 : 0) + (facts.replayed === true ? 2 : 0) + (facts.superseded === true ? 4 : 0), 8);
  add(facts.decided === true ? 1 : 0, 2);
  return name;
}
