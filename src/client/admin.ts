/** Operators' view of a whole cluster: what its nodes say of themselves, its policy, and its conflict ledger. */
import { FulcrumError } from '../core/errors.js';
import type { Policy } from '../core/policy.js';
import type { AdminCalls, NodeReport, PolicyStep, ReportedConflict } from '../ports/admin-calls.js';
import type { NodeAddress } from '../ports/pipe.js';
import { mergedConflicts } from './merged-conflicts.js';
import type { GivenNode } from './nodes.js';

const STATUS_TIMEOUT_MS = 2_000;
const PAGE_TIMEOUT_MS = 5_000;
/** A stronger policy settles every key whose copies differ. */
const CHANGE_TIMEOUT_MS = 3_600_000;

/** What one node says of itself, or why it says nothing. */
export interface NodeStatus extends NodeAddress {
  readonly report: NodeReport | undefined;
  readonly problem: FulcrumError | undefined;
}

export interface ChangePolicyOptions {
  /** Told again and again how it goes. */
  readonly onStep?: ((step: PolicyStep) => void) | undefined;
  /** How long to wait for the end, an hour by default; the change goes on when nobody waits any more. */
  readonly timeoutMs?: number | undefined;
}

/** The conflict ledger of a cluster. */
export interface ConflictLedger {
  /** By key, each conflict once, whoever saw it. */
  readonly conflicts: readonly ReportedConflict[];
  /** There are more than were asked for. */
  readonly more: boolean;
  /** Nodes that did not answer: what only they have seen is missing. */
  readonly missing: readonly string[];
}

export interface ConflictsOptions {
  /** Conflicts at most; 1000 by default. */
  readonly limit?: number | undefined;
}

/** Asks the Admin service of every node. Every call rejects with a FulcrumError. Made by `connectAdmin`. */
export class Admin {
  readonly #given: readonly GivenNode[];
  readonly #open: (address: string) => AdminCalls;
  readonly #calls = new Map<string, AdminCalls>();

  constructor(given: readonly GivenNode[], open: (address: string) => AdminCalls) {
    this.#given = given;
    this.#open = open;
  }

  /** Every node of the cluster, in its order. Rejects with UNAVAILABLE where none answers. */
  async status(): Promise<readonly NodeStatus[]> {
    const asked = await Promise.all(this.#given.map(({ address, id = address }) => this.#ask({ id, address })));
    const known = asked.find(({ report }) => report !== undefined)?.report;
    if (known === undefined) throw nobodyAnswers(asked);
    return Promise.all(
      known.nodes.map(async ({ id, address }) => {
        const given = asked.find((one) => one.report?.node === id || one.id === id);
        return given === undefined ? this.#ask({ id, address }) : { ...given, id };
      }),
    );
  }

  /**
   * Changes the policy of the whole cluster and resolves once it holds: a weaker one at once, a stronger one when every
   * key whose copies differ is settled. Rejects with UNAVAILABLE, nothing changed, where it is refused: a stronger one
   * needs every node. Asking for the same policy again follows the change that is under way.
   */
  async changePolicy(policy: Policy, options: ChangePolicyOptions = {}): Promise<PolicyStep> {
    const { onStep, timeoutMs = CHANGE_TIMEOUT_MS } = options;
    const nodes = (await this.status()).filter(({ report }) => report !== undefined);
    const asked = nodes.find(({ report }) => report?.ready === true) ?? nodes[0]!;
    const last = await this.#callsTo(asked.address).changePolicy(policy, timeoutMs, onStep);
    if (last.phase === 'done') return last;
    const message = `The policy stays ${last.policy}: ${last.reason}.`;
    const details = { code: 'UNAVAILABLE', message, definite: true, retryable: true } as const;
    throw new FulcrumError(last.waitingFor.length === 0 ? details : { ...details, missing: last.waitingFor });
  }

  /** The ledger of all nodes that answer, together. Entries are kept for 7 days. */
  async conflicts({ limit = 1_000 }: ConflictsOptions = {}): Promise<ConflictLedger> {
    const nodes = await this.status();
    const missing = new Set(nodes.filter(({ report }) => report === undefined).map(({ id }) => id));
    const ledgers = nodes
      .filter(({ report }) => report !== undefined)
      .map(({ id, address }) => this.#ledger(id, address, missing));
    const conflicts: ReportedConflict[] = [];
    for await (const conflict of mergedConflicts(ledgers)) {
      if (conflicts.length === limit) return { conflicts, more: true, missing: [...missing] };
      conflicts.push(conflict);
    }
    return { conflicts, more: false, missing: [...missing] };
  }

  close(): void {
    for (const calls of this.#calls.values()) calls.close();
    this.#calls.clear();
  }

  async *#ledger(id: string, address: string, missing: Set<string>): AsyncGenerator<ReportedConflict> {
    const calls = this.#callsTo(address);
    let after = '';
    do {
      const page = await calls.conflicts(after, 0, PAGE_TIMEOUT_MS).catch(() => undefined);
      if (page === undefined) missing.add(id);
      yield* page?.conflicts ?? [];
      after = page?.next ?? '';
    } while (after !== '');
  }

  async #ask({ id, address }: NodeAddress): Promise<NodeStatus> {
    try {
      return { id, address, report: await this.#callsTo(address).status(STATUS_TIMEOUT_MS), problem: undefined };
    } catch (error) {
      return { id, address, report: undefined, problem: error as FulcrumError };
    }
  }

  #callsTo(address: string): AdminCalls {
    let calls = this.#calls.get(address);
    if (calls === undefined) {
      calls = this.#open(address);
      this.#calls.set(address, calls);
    }
    return calls;
  }
}

function nobodyAnswers(asked: readonly NodeStatus[]): FulcrumError {
  const who = asked.map(({ id, problem }) => `${id} (${problem?.message ?? 'no answer'})`).join('; ');
  const message = `No node of the cluster answers: ${who}. Nothing was changed. Is it running, and are these its addresses?`;
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true });
}
