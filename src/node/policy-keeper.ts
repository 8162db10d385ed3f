/**
 * The policy under which this node works, and its change while the cluster serves (PROTOCOL.md rule 19).
 *
 * A weaker policy holds at once: it is announced, and whoever was away learns it when a link comes up. A stronger one
 * is first durable at every node, which then refuse the frames of the old epoch; each node drops its hints and settles
 * every key whose copies differ; only then may receipts claim what the new policy promises.
 */
import { needsBarrier, type Policy } from '../core/policy.js';
import { epochAfter, type PolicyStand, type RepairReply } from '../core/repair-message.js';
import type { PolicyProgress } from '../ports/admin.js';
import type { Timer } from '../ports/clock.js';
import { askOnce } from './ask-once.js';
import type { AntiEntropy, Settling } from './anti-entropy.js';
import type { HintKeeper } from './hint-keeper.js';
import { standNote } from './node-memory.js';
import { ASK_AGAIN_MS, PolicyChange } from './policy-change.js';
import type { Tools } from './tools.js';

export interface PolicyKeeperParts {
  readonly tools: Tools;
  readonly peers: readonly string[];
  readonly stand: PolicyStand;
  readonly hints: () => HintKeeper;
  readonly antiEntropy: () => AntiEntropy;
  /** The node works under another stand from now on, and it is durable. */
  readonly onStand: (stand: PolicyStand) => void;
}

/** How often a node that may not claim yet asks its peers whether they do. */
const UNSETTLED_ASK_MS = 1_000;

interface Barrier {
  readonly epoch: number;
  readonly waiting: string[];
  current: Settling | undefined;
  done: boolean;
  keys: number;
}

export class PolicyKeeper {
  readonly #parts: PolicyKeeperParts;
  #stand: PolicyStand;
  /** When each peer was last asked because of a frame of another epoch. */
  readonly #metAtMs = new Map<string, number>();
  #barrier: Barrier | undefined;
  #change: PolicyChange | undefined;
  #timer: Timer | undefined;

  constructor(parts: PolicyKeeperParts) {
    this.#parts = parts;
    this.#stand = parts.stand;
  }

  start(): void {
    this.#askWhileUnsettled();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  get stand(): PolicyStand {
    return this.#stand;
  }

  /** Of what has to be settled here for a stronger policy, what is done, 0 to 1. */
  get settlingProgress(): number {
    if (this.#stand.settled) return 1;
    const barrier = this.#barrier;
    return barrier?.epoch === this.#stand.epoch ? this.#permille(barrier) / 1_000 : 0;
  }

  /** What a peer works under: adopted if it is newer. The answer, once it is durable: what this node works under now. */
  hear(stand: PolicyStand, answer: (stand: PolicyStand) => void = ignore): void {
    const isNewer = stand.epoch > this.#stand.epoch;
    const isSettled = stand.epoch === this.#stand.epoch && stand.settled && !this.#stand.settled;
    if (isNewer || isSettled) this.#adopt(stand);
    const held = this.#stand;
    this.#parts.tools.replica.whenWritten(() => {
      answer(held);
    });
  }

  /** A frame of another epoch has come from this peer. */
  meet(peer: string): void {
    const nowMs = this.#parts.tools.clock.monotonicMs();
    if (nowMs - (this.#metAtMs.get(peer) ?? -Infinity) < ASK_AGAIN_MS) return;
    this.#metAtMs.set(peer, nowMs);
    this.exchange(peer);
  }

  /** A link to a peer has come up: whoever is behind learns what it has missed. */
  exchange(peer: string): void {
    askOnce(this.#parts.tools, { peer, repair: { kind: 'policy', stand: this.#stand } }, (reply) => {
      if (reply?.kind === 'repaired' && reply.reply.kind === 'policy') this.hear(reply.reply.stand);
    });
  }

  /** Tells how it goes, again and again, until `done` or `refused`. */
  change(policy: Policy, report: (progress: PolicyProgress) => void): void {
    const { peers, tools } = this.#parts;
    const isResumed = policy === this.#stand.policy;
    if (isResumed && this.#stand.settled) {
      report(this.#ended('done'));
      return;
    }
    if (isResumed && this.#change?.isRunning === true) {
      this.#change.follow(report);
      return;
    }
    const hasBarrier = isResumed || needsBarrier(this.#stand, policy);
    const unreachable = peers.filter((peer) => !tools.links.reachable(peer));
    if (hasBarrier && unreachable.length > 0) {
      report({ ...this.#ended('refused'), waitingFor: unreachable, reason: needsAll(policy, unreachable) });
      return;
    }
    const epoch = isResumed ? this.#stand.epoch : epochAfter(this.#stand.epoch, tools.self.node, peers);
    this.#adopt({ epoch, policy, settled: !hasBarrier });
    this.#change = new PolicyChange(this.#parts, this, report);
    this.#change.start();
  }

  /** Starts to settle what differs, and says how far it is. */
  barrier(epoch: number): RepairReply {
    if (epoch !== this.#stand.epoch) return { kind: 'declined', reason: `this node is at epoch ${this.#stand.epoch}` };
    if (this.#barrier?.epoch !== epoch) this.#beginBarrier(epoch);
    const barrier = this.#barrier!;
    return { kind: 'barrier', done: barrier.done, permille: this.#permille(barrier), keys: barrier.keys };
  }

  /** The barrier has been passed everywhere. */
  settle(): void {
    this.#adopt({ ...this.#stand, settled: true });
  }

  #permille({ done, waiting, current }: Barrier): number {
    const { length } = this.#parts.peers;
    const passed = length - waiting.length - (current === undefined ? 0 : 1 - current.progress);
    return done || length === 0 ? 1_000 : Math.floor((passed / length) * 999);
  }

  #beginBarrier(epoch: number): void {
    const { peers, hints } = this.#parts;
    this.#barrier = { epoch, waiting: [...peers], current: undefined, done: false, keys: 0 };
    // Every home replica is there: what is kept for one is also held by another.
    for (const peer of peers) hints().forget(peer);
    this.#compareNext(this.#barrier);
  }

  #compareNext(barrier: Barrier): void {
    if (barrier !== this.#barrier) return;
    const peer = barrier.waiting.shift();
    barrier.current = undefined;
    if (peer === undefined) {
      barrier.done = true;
      return;
    }
    barrier.current = this.#parts.antiEntropy().settleAll(peer, (whole, keys) => {
      barrier.keys += keys;
      barrier.current = undefined;
      if (!whole) barrier.waiting.push(peer);
      this.#parts.tools.clock.setTimer(whole ? 0 : ASK_AGAIN_MS, () => {
        this.#compareNext(barrier);
      });
    });
  }

  /** Claims end at once, new ones begin when they are durable. */
  #adopt(stand: PolicyStand): void {
    const { tools, onStand } = this.#parts;
    this.#stand = stand;
    tools.replica.note(standNote(stand));
    tools.shapes.use(stand.policy, false);
    onStand(stand);
    tools.replica.whenWritten(() => {
      if (this.#stand === stand) tools.shapes.use(stand.policy, stand.settled);
    });
    tools.log.info({ ...stand }, 'the policy of this node has changed');
    this.#askWhileUnsettled();
  }

  /** The news that all is settled may have been lost on its way here. */
  #askWhileUnsettled(): void {
    this.#timer?.cancel();
    if (this.#stand.settled) return;
    this.#timer = this.#parts.tools.clock.setTimer(UNSETTLED_ASK_MS, () => {
      for (const peer of this.#parts.peers) this.exchange(peer);
      this.#askWhileUnsettled();
    });
  }

  #ended(phase: 'done' | 'refused'): PolicyProgress {
    return { phase, stand: this.#stand, waitingFor: [], settled: phase === 'done' ? 1 : 0, keys: 0 };
  }
}

function needsAll(policy: Policy, unreachable: readonly string[]): string {
  const who = unreachable.join(', ');
  return `${policy} promises more than the present policy, so every node has to take part, and ${who} cannot be reached. Nothing was changed. Start it again, or wait until the network is whole`;
}

function ignore(): void {
  // Nobody waits for the answer.
}
