/**
 * Changes of the policy (PROTOCOL.md rule 19, invariant 11), judged while a run goes on: no answer crosses an epoch, an
 * epoch is told only once it is durable, and nobody may claim what a stronger policy promises before everything that
 * any node held when it switched is held by a majority.
 */
import { compareBallots, formatBallot, maxBallot, NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { majority } from '../../src/core/level.js';
import type { PolicyStand, RepairReply } from '../../src/core/repair-message.js';
import { memoryFrom, MEMORY_NOTES_MAX } from '../../src/node/node-memory.js';
import type { ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import type { Durable } from './durable.js';
import { NO_HOMES, type Homes } from './homes.js';
import { Violation } from './violation.js';

type DiskOf = (node: string) => Durable;

export class EpochWatch {
  #homes = NO_HOMES;
  /** For each epoch that has to be settled, and each key: the highest ballot durable at any home replica as it switched. */
  readonly #held = new Map<number, Map<string, Ballot>>();
  readonly #settled = new Set<number>();
  /** Which nodes have switched to which epochs: one that takes up a change again does not switch anew. */
  readonly #switched = new Set<string>();

  use(homes: Homes): void {
    this.#homes = homes;
  }

  stood(node: string, { epoch, settled }: PolicyStand, diskOf: DiskOf): void {
    if (!settled) this.#noteHeld(node, epoch, diskOf);
    else if (this.#held.has(epoch) && !this.#settled.has(epoch)) {
      this.#settled.add(epoch);
      for (const key of this.#homes.keys) this.#isSettled(epoch, key, diskOf);
    }
  }

  /** A frame of another epoch is refused. */
  answered(
    node: string,
    request: Exclude<RequestFrame, { kind: 'forward' | 'repair' }>,
    frame: ReplyFrame,
    epoch: number,
  ): void {
    if (request.epochs.policy === epoch) return;
    const isRefused = frame.kind === 'replies' && frame.replies.every(({ kind }) => kind === 'refused');
    if (isRefused) return;
    const what = `${node}, at epoch ${epoch}, answers a ${request.kind} of epoch ${request.epochs.policy}`;
    throw new Violation('no answer crosses an epoch', what);
  }

  replied(node: string, replies: readonly RepairReply[], disk: Durable): void {
    for (const reply of replies) {
      if (reply.kind !== 'policy') continue;
      const { stand } = memoryFrom(disk.notes('meta', MEMORY_NOTES_MAX), 'PC/EC');
      if (stand.epoch >= reply.stand.epoch) continue;
      const what = `${node} tells of epoch ${reply.stand.epoch}, its disk has ${stand.epoch}`;
      throw new Violation('an epoch is durable before it is told', what);
    }
  }

  #noteHeld(node: string, epoch: number, diskOf: DiskOf): void {
    if (this.#switched.has(`${node} ${epoch}`)) return;
    this.#switched.add(`${node} ${epoch}`);
    const held = this.#held.get(epoch) ?? new Map<string, Ballot>();
    this.#held.set(epoch, held);
    for (const key of this.#homes.keys) {
      if (!this.#homes.of(key).includes(node)) continue;
      held.set(key, maxBallot(held.get(key) ?? NO_BALLOT, diskOf(node).synced(key)?.accepted ?? NO_BALLOT));
    }
  }

  #isSettled(epoch: number, key: string, diskOf: DiskOf): void {
    const held = this.#held.get(epoch)?.get(key) ?? NO_BALLOT;
    const homes = this.#homes.of(key);
    const holding = homes.filter((home) => {
      const { floor } = diskOf(home);
      return compareBallots(maxBallot(diskOf(home).synced(key)?.accepted ?? NO_BALLOT, floor), held) >= 0;
    });
    if (holding.length >= majority(homes.length)) return;
    const what = `epoch ${epoch} is called settled, and ${formatBallot(held)} of ${key} is held by ${holding.join() || 'nobody'}`;
    throw new Violation('a stronger policy is claimed behind its barrier', what);
  }
}
