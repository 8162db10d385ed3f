/** Replicas of one key under random schedules, which remembers what the states themselves cannot: who knew of what. */
import { adopt } from '../../src/core/adoption.js';
import { compareBallots, formatBallot, NO_BALLOT, successor, type Ballot } from '../../src/core/ballot.js';
import { fateOf, type Fate, type Held } from '../../src/core/conflicts.js';
import { applyOperations, latencyState } from '../../src/core/mutation.js';
import type { Promised } from '../../src/core/peer-message.js';
import { accept, emptyRecord, highest, prepare, type Record } from '../../src/core/register.js';
import type { State } from '../../src/core/state.js';
import { formatVersion, NO_VERSION, sameVersion } from '../../src/core/version.js';
import { ballotAt, putOperation } from './operations.js';

export type ModelStep =
  | { readonly kind: 'latency'; readonly coordinator: number; readonly reaches: readonly number[] }
  | {
      readonly kind: 'consensus' | 'identity';
      readonly prepares: readonly number[];
      readonly reaches: readonly number[];
    }
  | { readonly kind: 'owner'; readonly coordinator: number; readonly reaches: readonly number[] }
  | { readonly kind: 'repair'; readonly from: number; readonly to: number };

export interface Judgement {
  readonly fate: Fate;
  /** The winner was made knowing the value of the loser. */
  readonly known: boolean;
  /** A latency write that was accepted somewhere, or one by consensus that a majority accepted under one ballot. */
  readonly acknowledged: boolean;
  readonly what: string;
}

interface Event {
  readonly loser: Held;
  readonly winner: Held;
  readonly fate: Fate;
}

const CONTEXT = { now: 1e9, clockBound: 1e9, floor: NO_BALLOT };

export class PartitionModel {
  readonly #records: Record[];
  readonly #windowSize: number;
  /** Versions that the author of each ballot's state knew of, its own included. */
  readonly #lineage = new Map<string, ReadonlySet<string>>();
  readonly #accepts = new Map<string, Set<number>>();
  readonly #latencyVersions = new Set<string>();
  readonly #versionsOf = new Map<string, string>();
  readonly #events: Event[] = [];
  #time = 0;

  constructor(replicas: number, windowSize: number) {
    this.#records = Array.from({ length: replicas }, () => emptyRecord(NO_BALLOT));
    this.#windowSize = windowSize;
  }

  run(step: ModelStep): void {
    this.#time += 10;
    switch (step.kind) {
      case 'latency':
        this.#latency(step.coordinator, step.reaches);
        break;
      case 'consensus':
        this.#round(step.prepares, step.reaches, true);
        break;
      case 'identity':
        this.#round(step.prepares, step.reaches, false);
        break;
      case 'owner':
        this.#owner(step.coordinator, step.reaches);
        break;
      case 'repair': {
        const { accepted, state } = this.#records[step.from]!;
        if (state !== null) this.#deliver(step.to, { ballot: accepted, state }, null);
      }
    }
  }

  judgements(): Judgement[] {
    return this.#events.map(({ loser, winner, fate }) => {
      const version = formatVersion(loser.state.version);
      const chosen = [...this.#accepts].some(
        ([ballot, at]) => at.size * 2 > this.#records.length && this.#versionsOf.get(ballot) === version,
      );
      return {
        fate,
        known: this.#lineage.get(formatBallot(winner.ballot))!.has(version),
        // An identity round on a key without a value writes nothing that could be lost.
        acknowledged: !sameVersion(loser.state.version, NO_VERSION) && (chosen || this.#latencyVersions.has(version)),
        what: `${formatBallot(loser.ballot)} under ${formatBallot(winner.ballot)}`,
      };
    });
  }

  #latency(coordinator: number, reaches: readonly number[]): void {
    const operation = putOperation(this.#time, `v${this.#time}`, { form: 'latency' });
    const held = { ballot: operation.id, state: latencyState(operation) };
    const base = this.#records[coordinator]!.accepted;
    this.#made(held, base);
    this.#latencyVersions.add(formatVersion(held.state.version));
    for (const replica of new Set([coordinator, ...reaches])) this.#deliver(replica, held, base);
  }

  #round(prepares: readonly number[], reaches: readonly number[], writes: boolean): void {
    const ballot = ballotAt(this.#time, 'n1');
    const promises: Promised[] = [];
    for (const replica of prepares) {
      const record = this.#records[replica]!;
      const result = prepare(record, ballot, CONTEXT);
      if (result.kind !== 'changed') return;
      this.#records[replica] = result.record;
      const { accepted, state, maxOpTime } = record;
      promises.push({ kind: 'promised', accepted, state, maxOpTime, incarnation: '', floor: NO_BALLOT });
    }
    const { accepted, base } = adopt(promises);
    const state = writes ? this.#put(base, ballot) : base;
    this.#made({ ballot, state }, accepted);
    for (const replica of reaches) this.#deliver(replica, { ballot, state }, null);
  }

  /** The rounds of one process at its successive ballots, each on what it holds itself. */
  #owner(coordinator: number, reaches: readonly number[]): void {
    const { accepted, promised, state } = this.#records[coordinator]!;
    if (state === null || state.blind || accepted.node !== 'n1') return;
    const ballot = successor(accepted);
    // Only one process owns a chain: the others must not have taken its next step already.
    if (compareBallots(promised, ballot) > 0 || this.#lineage.has(formatBallot(ballot))) return;
    const held = { ballot, state: this.#put(state, ballot) };
    this.#made(held, accepted);
    for (const replica of new Set([coordinator, ...reaches])) this.#deliver(replica, held, null);
  }

  #put(base: State, ballot: Ballot): State {
    const operation = putOperation(this.#time - 1, `v${this.#time}`);
    const context = { ballot, owner: null, now: this.#time, windowSize: this.#windowSize, lifetime: 1e9 };
    return applyOperations(base, [operation], context).state;
  }

  #made({ ballot, state }: Held, base: Ballot): void {
    const known = this.#lineage.get(formatBallot(base)) ?? [];
    this.#lineage.set(formatBallot(ballot), new Set([...known, formatVersion(state.version)]));
    this.#versionsOf.set(formatBallot(ballot), formatVersion(state.version));
  }

  #deliver(replica: number, winner: Held, base: Ballot | null): void {
    const before = this.#records[replica]!;
    const result = accept(before, winner.ballot, winner.state, CONTEXT);
    if (result.kind !== 'changed') return;
    this.#records[replica] = result.record;
    const name = formatBallot(winner.ballot);
    this.#accepts.set(name, (this.#accepts.get(name) ?? new Set()).add(replica));
    if (before.state === null || compareBallots(highest(result.record), before.accepted) <= 0) return;
    const loser = { ballot: before.accepted, state: before.state };
    const fate = fateOf(loser, winner, { settledUntil: 0, base, isLive: false });
    this.#events.push({ loser, winner, fate });
  }
}
