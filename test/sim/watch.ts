/**
 * Invariants of PROTOCOL.md that are judged while a run goes on, from what is on the disks and on the wire:
 * one state per ballot, nothing falls, nothing durable is older than a reply that was sent.
 */
import { compareBallots, formatBallot, isNone, maxBallot, NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import type { PeerMessage, PeerReply } from '../../src/core/peer-message.js';
import { emptyRecord, type Record } from '../../src/core/register.js';
import type { PolicyStand } from '../../src/core/repair-message.js';
import type { Reply, Request } from '../../src/core/request.js';
import { sameState, type State } from '../../src/core/state.js';
import type { Version } from '../../src/core/version.js';
import type { Heartbeat, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import type { Durable } from './durable.js';
import { EpochWatch } from './epoch-watch.js';
import { NO_HOMES, type Homes } from './homes.js';
import type { Floors, Observer } from './observer.js';
import { Lineage } from './lineage.js';
import { checkReceipt, type Disks } from './receipt-watch.js';
import { Violation } from './violation.js';

const NOTHING: Durable = { floor: NO_BALLOT, synced: () => undefined, notes: () => [], hintsSoFar: [] };
const FORGOTTEN = emptyRecord(NO_BALLOT);

export class Watch implements Observer {
  readonly #states = new Map<string, State>();
  /** The ballots under which versions came to be, as far as frames and disks have shown them. */
  readonly #births = new Map<string, Ballot>();
  #diskOf: (node: string) => Durable = () => NOTHING;
  #homes = NO_HOMES;
  #disks: Disks = { nodes: [], of: this.#diskOf, holds: () => false };
  readonly #epochs = new EpochWatch();
  readonly lineage = new Lineage();
  highestBallotTime = 0;

  use(diskOf: (node: string) => Durable, homes: Homes): void {
    this.#diskOf = diskOf;
    this.#homes = homes;
    this.#disks = { nodes: homes.nodes, of: diskOf, holds: (...what) => this.#holds(...what) };
    this.#epochs.use(homes);
  }

  synced(node: string, key: string, before: Record | undefined, after: Record | null, floors: Floors): void {
    if (compareBallots(floors.after, floors.before) < 0)
      throw fell('the floor', node, key, floors.before, floors.after);
    if (before !== undefined) this.#neverFalls(node, key, before, after ?? FORGOTTEN, floors.after);
    if (before !== undefined && isNone(after?.accepted ?? NO_BALLOT)) this.lineage.forgotten(key, before);
    if (after === null) return;
    this.highestBallotTime = Math.max(this.highestBallotTime, after.promised.time);
    this.lineage.synced(node, key, before, after);
    if (after.state !== null) this.#oneState(key, after.accepted, after.state);
    if (isNone(after.accepted) !== (after.state === null)) {
      throw new Violation('a state for every accepted ballot', `${node} ${key}: ${formatBallot(after.accepted)}`);
    }
    const isNew = before === undefined || isNone(before.accepted);
    if (isNew && !isNone(after.accepted) && compareBallots(after.accepted, floors.before) <= 0) {
      const what = `${node} ${key}: ${formatBallot(after.accepted)}, floor ${formatBallot(floors.before)}`;
      throw new Violation('nothing at or below the floor is accepted without a record', what);
    }
  }

  /** Invariant 2: except by collection, with a floor at or above what was there. */
  #neverFalls(node: string, key: string, before: Record, after: Record, floor: Ballot): void {
    for (const what of ['promised', 'accepted'] as const) {
      const isCovered = compareBallots(floor, before[what]) >= 0 && isNone(after.accepted);
      if (compareBallots(after[what], before[what]) < 0 && !isCovered)
        throw fell(what, node, key, before[what], after[what]);
    }
    if (Math.max(after.maxOpTime, floor.time) < before.maxOpTime) {
      throw new Violation('maxOpTime never falls', `${node} ${key}: ${before.maxOpTime}, then ${after.maxOpTime}`);
    }
  }

  stood(node: string, stand: PolicyStand): void {
    this.#epochs.stood(node, stand, this.#diskOf);
  }

  requested(_from: string, _to: string, frame: RequestFrame | Heartbeat): void {
    if (frame.kind !== 'accept') return;
    for (const message of frame.messages) {
      this.lineage.sent(message);
      this.#oneState(message.key, message.ballot, message.state);
    }
  }

  replied(from: string, _to: string, request: RequestFrame | Heartbeat, frame: ReplyFrame, epoch: number): void {
    if (frame.kind === 'repaired') this.#epochs.replied(from, frame.replies, this.#diskOf(from));
    if (request.kind === 'heartbeat' || request.kind === 'forward' || request.kind === 'repair') return;
    this.#epochs.answered(from, request, frame, epoch);
    if (frame.kind === 'uniform') {
      const indexes = frame.indexes ?? request.messages.map((_, index) => index);
      for (const index of indexes) this.#durableEnough(from, request.messages[index]!, { kind: frame.reply });
    } else if (frame.kind === 'replies') {
      frame.indexes.forEach((index, at) => {
        this.#durableEnough(from, request.messages[index]!, frame.replies[at]!);
      });
    }
  }

  answered(node: string, request: Request, reply: Reply): void {
    if (reply.kind === 'keys' || request.kind === 'list') return;
    const coordinator = reply.receipt?.coordinator ?? node;
    const held = this.#diskOf(coordinator).synced(request.key)?.accepted ?? NO_BALLOT;
    this.lineage.answered(node, request.key, reply, held);
    if (request.kind === 'mutate' && reply.kind === 'error' && !reply.error.definite) {
      const homes = this.#homes.of(request.key);
      for (const one of homes.includes(node) ? [node] : homes)
        this.lineage.attempted(one, request.key, request.operation.id);
    }
    checkReceipt(node, request.key, reply, this.#disks, this.#homes);
  }

  /** Whether a disk has a version, or what came after it. */
  #holds(node: string, key: string, version: Version): boolean {
    const { floor } = this.#diskOf(node);
    const accepted = maxBallot(floor, this.#diskOf(node).synced(key)?.accepted ?? NO_BALLOT);
    const birth = this.#births.get(birthName(key, version));
    return birth === undefined ? accepted.time >= version.time : compareBallots(accepted, birth) >= 0;
  }

  #oneState(key: string, ballot: Ballot, state: State): void {
    const name = `${key} ${ballot.time} ${ballot.node} ${ballot.incarnation} ${ballot.sub}`;
    const known = this.#states.get(name);
    if (known === undefined) {
      this.#states.set(name, state);
      if (
        state.version.time === ballot.time &&
        state.version.incarnation === ballot.incarnation &&
        state.version.sub === ballot.sub
      )
        this.#births.set(birthName(key, state.version), ballot);
    } else if (!sameState(known, state)) {
      throw new Violation('one state per ballot', `${key} ${formatBallot(ballot)}: two states`);
    }
  }

  /** Rule 3. */
  #durableEnough(node: string, message: PeerMessage, reply: PeerReply): void {
    const disk = this.#diskOf(node);
    const record = disk.synced(message.key);
    const need = (what: 'promised' | 'accepted', ballot: Ballot): void => {
      if (compareBallots(maxBallot(record?.[what] ?? NO_BALLOT, disk.floor), ballot) >= 0) return;
      throw new Violation(
        'durable before revealed',
        `${node} answers ${reply.kind} to ${message.kind} ${message.key}: ${what} ${formatBallot(ballot)}, ` +
          `but its disk has ${record === undefined ? 'nothing' : formatBallot(record[what])}`,
      );
    };
    switch (reply.kind) {
      case 'accepted':
        if (message.kind === 'accept') need('accepted', message.ballot);
        return;
      case 'promised':
        if (message.kind === 'prepare') {
          need('promised', message.ballot);
          this.lineage.promised(message.key, message.ballot, reply.accepted);
        }
        need('accepted', reply.accepted);
        if (reply.state !== null) this.#oneState(message.key, reply.accepted, reply.state);
        return;
      case 'same':
        if (message.kind === 'read') need('accepted', message.known);
        return;
      case 'found':
        need('accepted', reply.accepted);
        if (reply.state !== null) this.#oneState(message.key, reply.accepted, reply.state);
        return;
      case 'nack':
        need('promised', reply.promised);
        need('accepted', reply.accepted);
        return;
      case 'alarm':
        throw new Violation('no alarms', `${node} to ${message.kind} ${message.key}: ${reply.reason}`);
      case 'skew':
      case 'refused':
    }
  }
}

function birthName(key: string, version: Version): string {
  return `${key} ${version.time} ${version.incarnation} ${version.sub}`;
}

function fell(what: string, node: string, key: string, before: Ballot, after: Ballot): Violation {
  return new Violation(`${what} never falls`, `${node} ${key}: ${formatBallot(before)}, then ${formatBallot(after)}`);
}
