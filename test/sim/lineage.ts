/**
 * Which writes each state was made knowing, from what disks and wires show: nothing acknowledged disappears without a
 * trace. A write that was acknowledged is known to what lasts in the end, or its receipt said that it was superseded, or
 * the conflict ledger lists it or a write that was made knowing it. Where knowledge cannot be seen it is assumed, so
 * that this never cries wolf.
 */
import { noteCodec } from '../../src/adapters/note-codec.js';
import { compareBallots, isNone, NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import type { Conflict } from '../../src/core/conflict-ledger.js';
import { CONCURRENT_WITHIN_MS } from '../../src/core/defaults.js';
import type { WindowEntry } from '../../src/core/op-window.js';
import type { AcceptMessage } from '../../src/core/peer-message.js';
import type { Record } from '../../src/core/register.js';
import type { Reply } from '../../src/core/request.js';
import type { State } from '../../src/core/state.js';
import { formatVersion, versionOf, type Version } from '../../src/core/version.js';
import type { Durable } from './durable.js';
import { Violation } from './violation.js';

interface Acknowledged {
  readonly node: string;
  readonly key: string;
  readonly version: Version;
  readonly what: string;
}

const CONFLICTS_MAX = 10_000;

export class Lineage {
  /** What the state under a ballot was made knowing, by key and ballot; and under a version, by key and version. */
  readonly #known = new Map<string, Set<string>>();
  /** What prepares of a ballot have found. */
  readonly #found = new Map<string, Ballot[]>();
  readonly #forgotten = new Map<string, Set<string>>();
  readonly #times = new Map<string, number>();
  readonly #acknowledged: Acknowledged[] = [];
  /** Attempts that were not told what became of them, by node, key and the operation's own ballot. */
  readonly #attempts = new Set<string>();
  /** What was on a node's disk when a version took its place there, by node, key and version. */
  readonly #replaced = new Map<string, Ballot>();

  synced(node: string, key: string, before: Record | undefined, after: Record): void {
    this.promised(key, after.promised, after.accepted);
    if (after.state === null) return;
    if (before !== undefined) this.#replaced.set(`${node} ${versionName(key, after.state.version)}`, before.accepted);
    const known = this.#known.get(ballotName(key, after.accepted));
    if (known !== undefined) {
      if (this.#attempts.has(`${node} ${ballotName(key, after.accepted)}`)) this.#learn(known, key, before?.accepted);
      return;
    }
    this.#made(key, after.accepted, after.state, [before?.accepted ?? NO_BALLOT], this.#answeredBy(node, key));
  }

  /** Its deletion was held by all home replicas, and is forgotten. */
  forgotten(key: string, before: Record): void {
    const forgotten = this.#forgotten.get(key) ?? new Set<string>();
    for (const name of this.#known.get(ballotName(key, before.accepted)) ?? []) forgotten.add(name);
    this.#forgotten.set(key, forgotten);
  }

  /** A coordinator sends what it has made, or what it has found elsewhere. */
  sent({ key, ballot, state, base }: AcceptMessage): void {
    const known = this.#known.get(ballotName(key, ballot));
    if (known === undefined) this.#made(key, ballot, state, [base ?? NO_BALLOT], []);
    // One operation by two coordinators: each knew what it held.
    else this.#learn(known, key, base);
  }

  /** A replica's promise, on what it had accepted. */
  promised(key: string, ballot: Ballot, accepted: Ballot): void {
    if (isNone(accepted) || compareBallots(ballot, accepted) <= 0) return;
    const name = ballotName(key, ballot);
    const found = this.#found.get(name);
    if (found === undefined) this.#found.set(name, [accepted]);
    else found.push(accepted);
  }

  /** A coordinator that does not know what becomes of an operation knew what it held, if the write gets there after all. */
  attempted(node: string, key: string, id: Ballot): void {
    this.#attempts.add(`${node} ${ballotName(key, id)}`);
    const known = this.#known.get(ballotName(key, id));
    const replaced = this.#replaced.get(`${node} ${versionName(key, versionOf(id, 0))}`);
    if (known !== undefined) this.#learn(known, key, replaced);
  }

  #learn(known: Set<string>, key: string, base: Ballot = NO_BALLOT): void {
    for (const earlier of this.#known.get(ballotName(key, base)) ?? []) known.add(earlier);
  }

  /** `held`: what the coordinator has on disk by then. Written in one batch with it, a later state may have known it. */
  answered(node: string, key: string, reply: Reply, held: Ballot): void {
    if (reply.kind !== 'mutated' || reply.receipt.superseded) return;
    const { version, receipt } = reply;
    const name = versionName(key, version);
    const made = this.#known.get(name) ?? new Set([name]);
    // A latency write has many coordinators, and each knew what it held and what it had answered.
    if (!this.#known.has(name) || receipt.guarantee === 'eventual') {
      const replaced = this.#replaced.get(`${receipt.coordinator} ${name}`) ?? NO_BALLOT;
      for (const earlier of this.#known.get(ballotName(key, replaced)) ?? []) made.add(earlier);
      for (const earlier of this.#answeredBy(node, key)) made.add(earlier);
    }
    this.#known.set(name, made);
    const known = this.#known.get(ballotName(key, held));
    for (const earlier of [name, ...(this.#known.get(name) ?? [])]) known?.add(earlier);
    const what = `${receipt.operation} ${formatVersion(version)}, acknowledged by ${node} as ${receipt.guarantee}`;
    this.#acknowledged.push({ node, key, version, what });
  }

  /** `last`: what all home replicas hold of a key in the end. */
  judge(key: string, last: Record | undefined, disks: readonly Durable[]): void {
    const lasting = last === undefined ? undefined : this.#known.get(ballotName(key, last.accepted));
    if (lasting === undefined) return;
    const traced = this.#tracedFrom(key, [...lasting, ...disks.flatMap((disk) => this.#discardedIn(disk))]);
    for (const one of this.#acknowledged) {
      if (one.key !== key || traced.has(versionName(key, one.version))) continue;
      throw new Violation(
        'nothing acknowledged disappears without a trace',
        `${one.what}: neither known to what lasts, nor in the conflict ledger`,
      );
    }
  }

  /** Its write, and what that was made knowing under the ballot it was held by: another attempt may have known less. */
  #discardedIn(disk: Durable): string[] {
    return conflictsOn(disk).flatMap(({ key, discarded }) => [
      versionName(key, discarded.version),
      ...(this.#known.get(ballotName(key, discarded.ballot)) ?? []),
    ]);
  }

  /** Of a state that was seen on no wire and no disk: its coordinator knew what it had answered before. */
  #answeredBy(node: string, key: string): string[] {
    return this.#acknowledged
      .filter((one) => one.node === node && one.key === key)
      .map((one) => versionName(key, one.version));
  }

  #made(key: string, ballot: Ballot, state: State, bases: readonly Ballot[], own: readonly string[]): void {
    const known = new Set(own);
    const name = ballotName(key, ballot);
    const before = { ...ballot, sub: ballot.sub - 1 };
    for (const base of [...bases, ...(ballot.sub > 0 ? [before] : []), ...(this.#found.get(name) ?? [])])
      for (const version of this.#known.get(ballotName(key, base)) ?? []) known.add(version);
    const entries = state.window.entries();
    // Whatever version another attempt at an operation gave it, it is the same write.
    const elsewhere = entries.filter(({ applied }) => applied).map(versionUnderItsOwnBallot);
    for (const version of [state.version, ...entries.map((entry) => entry.version), ...elsewhere]) {
      const made = versionName(key, version);
      for (const earlier of this.#known.get(made) ?? []) known.add(earlier);
      known.add(made);
      this.#times.set(made, Math.max(version.time, this.#times.get(made) ?? 0));
    }
    // An owner's ballots are older than what it writes.
    for (const { version, opTime, applied } of entries) {
      if (!applied) continue;
      const made = versionName(key, version);
      this.#times.set(made, Math.max(opTime, this.#times.get(made) ?? 0));
    }
    this.#known.set(name, known);
    const made = versionName(key, state.version);
    if (!this.#known.has(made)) this.#known.set(made, known);
  }

  /**
   * These, what they had taken the place of knowingly, what was forgotten everywhere, and what clocks cannot order
   * against any of it, which is taken for no loss (core/conflicts).
   */
  #tracedFrom(key: string, names: readonly string[]): Set<string> {
    const traced = new Set([...names, ...(this.#forgotten.get(key) ?? [])]);
    const open = [...traced];
    const times = [...this.#times].filter(([name]) => name.startsWith(`${key} `));
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const time = this.#times.get(name) ?? 0;
      const near = times.filter(([, other]) => Math.abs(other - time) <= CONCURRENT_WITHIN_MS * 1_000);
      for (const other of [...(this.#known.get(name) ?? []), ...near.map(([one]) => one)]) {
        if (!traced.has(other)) open.push(other);
        traced.add(other);
      }
    }
    return traced;
  }
}

/** What the conflict ledger on a disk lists. */
export function conflictsOn(disk: Durable): Conflict[] {
  return disk.notes('conflict', CONFLICTS_MAX).map(({ bytes }) => noteCodec.unpackConflict(bytes));
}

function versionUnderItsOwnBallot({ opTime, opIncarnation }: WindowEntry): Version {
  return { time: opTime, incarnation: opIncarnation, sub: 0, index: 0 };
}

function ballotName(key: string, { time, node, incarnation, sub }: Ballot): string {
  return `${key} under ${time} ${node} ${incarnation} ${sub}`;
}

function versionName(key: string, { time, incarnation, sub, index }: Version): string {
  return `${key} ${time} ${incarnation} ${sub} ${index}`;
}
