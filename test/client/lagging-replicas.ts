/** Replicas that hold real states, take writes one at a time and pass them on late: what sessions are for. */
import { compareBallots, type Ballot } from '../../src/core/ballot.js';
import { applyOperations, latencyState } from '../../src/core/mutation.js';
import { makeOperation, type Operation } from '../../src/core/operation.js';
import { accept, emptyRecord, type Record } from '../../src/core/register.js';
import type { GetRequest, MutateRequest, Reply, Request } from '../../src/core/request.js';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { State } from '../../src/core/state.js';
import { valueReply } from '../../src/node/value-reply.js';
import type { Seeded } from '../chaos/support/seeded.js';
import type { Connected } from './connected.js';
import { RECEIPT } from '../core/receipts.js';

const NODE = { node: 'n1', incarnation: '00000000000000bb' };

export class LaggingReplicas {
  readonly #here: Connected;
  readonly #random: Seeded;
  readonly #records = new Map<string, Map<string, Record>>();
  /** How long a copy takes, at most. */
  lagMs = 200;
  /** Nodes whose clocks are so far ahead that whatever may expire has expired there. */
  readonly fast = new Set<string>();
  /** Copies that never arrive. */
  lossy = 0;

  constructor(here: Connected, random: Seeded) {
    this.#here = here;
    this.#random = random;
    for (const node of here.cluster.nodes) this.#records.set(node, new Map());
    here.cluster.script = (node, request) => this.#answer(node, request);
  }

  /** Some node settles the key: the newest of what a majority holds is accepted again, above everything, and
   * repair may bring it to the others too: what only they held is lost. */
  settle(key: string): void {
    const majority = this.#shuffled().slice(0, 2);
    const newest = this.#newest(majority, key);
    if (newest.state === null) return;
    const ballot = this.#ballot();
    const everyone = this.#random.chance(0.5) ? this.#here.cluster.nodes : majority;
    for (const node of everyone) this.#accept(node, key, ballot, newest.state);
  }

  /** This state is accepted everywhere, above everything. */
  agree(key: string, state: State): void {
    const ballot = this.#ballot();
    for (const node of this.#here.cluster.nodes) this.#accept(node, key, ballot, state);
  }

  /** A write at ONE at a node whose clock is ahead of the others': they refuse the copy for now. */
  writeAhead(node: string, key: string, value: Uint8Array, aheadMs: number): void {
    const now = this.#here.clock.physicalMicros() + aheadMs * 1_000;
    const id = { ...NODE, node, time: now, sub: 0 };
    const put = { kind: 'put', value, encoding: 'bytes', ttlMs: 0, expect: null } as const;
    this.#accept(node, key, id, latencyState(makeOperation(id, 'latency', put)), now);
  }

  /** A copy of what one replica holds, for all that lack it. */
  spread(key: string): void {
    const newest = this.#newest(this.#here.cluster.nodes, key);
    if (newest.state !== null)
      for (const node of this.#here.cluster.nodes) this.#accept(node, key, newest.accepted, newest.state);
  }

  /** The deletion that all hold is forgotten. */
  collect(key: string): void {
    for (const records of this.#records.values()) records.delete(key);
  }

  recordOf(node: string, key: string): Record {
    return this.#records.get(node)!.get(key) ?? emptyRecord(NO_BALLOT);
  }

  #answer(node: string, request: Request): Reply | undefined {
    if (request.kind === 'get') return this.#get(node, request);
    if (request.kind !== 'mutate') return undefined;
    return request.operation.form === 'latency' ? this.#writeHere(node, request) : this.#decide(request);
  }

  #get(node: string, request: GetRequest): Reply {
    const { accepted, state } = this.recordOf(node, request.key);
    const receipt = { ...RECEIPT, level: 'ONE', guarantee: 'eventual', coordinator: node } as const;
    const expired = this.fast.has(node) && state !== null && state.expiresAt > 0;
    return valueReply(request, { accepted, state, expired }, receipt, 1);
  }

  #writeHere(node: string, { key, operation }: MutateRequest): Reply {
    const state = latencyState(operation);
    const took = this.#accept(node, key, operation.id, state);
    for (const other of this.#here.cluster.nodes) if (other !== node) this.#later(other, key, operation.id, state);
    return this.#mutated(operation, operation.id, state, !took);
  }

  /** As consensus does it: on top of the newest that a majority holds, at that majority. */
  #decide({ key, operation }: MutateRequest): Reply {
    const majority = this.#shuffled().slice(0, 2);
    const base = this.#newest(majority, key).state ?? State.absent(0);
    const ballot = this.#ballot();
    const context = { ballot, owner: null, now: ballot.time, windowSize: 16, lifetime: 30_000_000 };
    const { state } = applyOperations(base, [operation], context);
    for (const node of majority) this.#accept(node, key, ballot, state);
    for (const node of this.#here.cluster.nodes) if (!majority.includes(node)) this.#later(node, key, ballot, state);
    return this.#mutated(operation, ballot, state, false);
  }

  #mutated(operation: Operation, accepted: Ballot, { version }: State, superseded: boolean): Reply {
    const receipt = { ...RECEIPT, operation: operation.mutation.kind, level: 'ONE', superseded } as const;
    return { kind: 'mutated', version, accepted, existed: null, receipt, serverMicros: 1 };
  }

  #later(node: string, key: string, ballot: Ballot, state: State): void {
    if (this.#random.chance(this.lossy)) return;
    this.#here.clock.setTimer(this.#random.below(this.lagMs), () => void this.#accept(node, key, ballot, state));
  }

  #accept(node: string, key: string, ballot: Ballot, state: State, now = this.#here.clock.physicalMicros()): boolean {
    const result = accept(this.recordOf(node, key), ballot, state, { now, clockBound: 500_000, floor: NO_BALLOT });
    if (result.kind === 'changed') this.#records.get(node)!.set(key, result.record);
    return result.kind === 'changed' || result.kind === 'unchanged';
  }

  #newest(nodes: readonly string[], key: string): Record {
    return nodes
      .map((node) => this.recordOf(node, key))
      .reduce((a, b) => (compareBallots(a.accepted, b.accepted) >= 0 ? a : b));
  }

  #minted = 0;

  #ballot(): Ballot {
    this.#minted = Math.max(this.#minted + 1, this.#here.clock.physicalMicros());
    return { ...NODE, time: this.#minted, sub: 0 };
  }

  #shuffled(): string[] {
    return [...this.#here.cluster.nodes]
      .map((node) => ({ node, at: this.#random.unit() }))
      .sort((a, b) => a.at - b.at)
      .map(({ node }) => node);
  }
}
