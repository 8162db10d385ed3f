/** One change of the policy, at the node that was asked for it (PROTOCOL.md rule 19). */
import type { PolicyStand, RepairReply } from '../core/repair-message.js';
import type { PolicyProgress } from '../ports/admin.js';
import type { Timer } from '../ports/clock.js';
import { askOnce } from './ask-once.js';
import type { Tools } from './tools.js';

export interface PolicyChangeParts {
  readonly tools: Tools;
  readonly peers: readonly string[];
}

/** What the change does at this node itself. */
export interface PolicyHolder {
  readonly stand: PolicyStand;
  hear(stand: PolicyStand): void;
  barrier(epoch: number): RepairReply;
  settle(): void;
}

type Report = (progress: PolicyProgress) => void;

/** How often nodes that are not done yet are asked again. */
export const ASK_AGAIN_MS = 200;

export class PolicyChange {
  readonly #parts: PolicyChangeParts;
  readonly #keeper: PolicyHolder;
  readonly #epoch: number;
  readonly #reports: Report[];
  /** Peers that work under this change's stand, as it is now. */
  #announced = new Set<string>();
  readonly #asking = new Set<string>();
  readonly #settled = new Map<string, { readonly permille: number; readonly done: boolean; readonly keys: number }>();
  #timer: Timer | undefined;
  isRunning = true;

  constructor(parts: PolicyChangeParts, keeper: PolicyHolder, report: Report) {
    this.#parts = parts;
    this.#keeper = keeper;
    this.#epoch = keeper.stand.epoch;
    this.#reports = [report];
  }

  /** Durable here first, so that it is not forgotten once others know it. */
  start(): void {
    this.#parts.tools.replica.whenWritten(() => {
      this.#step();
    });
  }

  /** Somebody else wants to know how it goes. */
  follow(report: Report): void {
    this.#reports.push(report);
    report(this.#progress());
  }

  readonly #step = (): void => {
    this.#timer?.cancel();
    if (!this.isRunning || this.#isOvertaken()) return;
    const awaited = this.#awaited();
    if (awaited.length > 0) this.#announce(awaited);
    else if (!this.#keeper.stand.settled) this.#settle();
    else {
      this.#end({ ...this.#progress(), phase: 'done', waitingFor: [], settled: 1 });
      return;
    }
    this.#tell(this.#progress());
    this.#timer = this.#parts.tools.clock.setTimer(ASK_AGAIN_MS, this.#step);
  };

  /** A stand to be settled has to be known to all; of one that is, whoever is away learns when its link comes up. */
  #awaited(): string[] {
    const { peers, tools } = this.#parts;
    const unheard = peers.filter((peer) => !this.#announced.has(peer));
    return this.#keeper.stand.settled ? unheard.filter((peer) => tools.links.reachable(peer)) : unheard;
  }

  /** Two nodes may be asked for two changes at once: the higher epoch holds everywhere, and the other change ends. */
  #isOvertaken(): boolean {
    const { stand } = this.#keeper;
    if (stand.epoch === this.#epoch) return false;
    const reason = `another change to ${stand.policy} took its place`;
    this.#end({ ...this.#progress(), phase: 'refused', waitingFor: [], reason });
    return true;
  }

  #announce(awaited: readonly string[]): void {
    const { stand } = this.#keeper;
    for (const peer of awaited.filter((one) => !this.#asking.has(one))) {
      this.#asking.add(peer);
      askOnce(this.#parts.tools, { peer, repair: { kind: 'policy', stand } }, (reply) => {
        this.#asking.delete(peer);
        if (reply?.kind !== 'repaired' || reply.reply.kind !== 'policy') return;
        const theirs = reply.reply.stand;
        if (theirs.epoch !== this.#epoch) this.#keeper.hear(theirs);
        else if (theirs.settled === this.#keeper.stand.settled) this.#announced.add(peer);
        if (this.#awaited().length === 0) this.#step();
      });
    }
  }

  #settle(): void {
    const { tools, peers } = this.#parts;
    this.#note(tools.self.node, this.#keeper.barrier(this.#epoch));
    for (const peer of peers.filter((one) => this.#settled.get(one)?.done !== true)) {
      askOnce(tools, { peer, repair: { kind: 'barrier', epoch: this.#epoch } }, (reply) => {
        if (reply?.kind === 'repaired') this.#note(peer, reply.reply);
      });
    }
  }

  #note(node: string, reply: RepairReply): void {
    const { stand } = this.#keeper;
    if (!this.isRunning || stand.epoch !== this.#epoch || stand.settled || reply.kind !== 'barrier') return;
    this.#settled.set(node, reply);
    const done = [...this.#settled.values()].filter((one) => one.done).length;
    if (done <= this.#parts.peers.length) return;
    this.#keeper.settle();
    this.#announced = new Set();
    this.start();
  }

  #end(last: PolicyProgress): void {
    this.isRunning = false;
    this.#timer?.cancel();
    this.#tell(last);
  }

  #tell(progress: PolicyProgress): void {
    for (const report of this.#reports) report(progress);
  }

  #progress(): PolicyProgress {
    const { tools, peers } = this.#parts;
    const awaited = this.#awaited();
    const unsettled = [tools.self.node, ...peers].filter((node) => this.#settled.get(node)?.done !== true);
    const states = [...this.#settled.values()];
    return {
      phase: awaited.length > 0 ? 'announcing' : 'settling',
      stand: this.#keeper.stand,
      waitingFor: awaited.length > 0 ? awaited : unsettled,
      settled: states.reduce((sum, { permille }) => sum + permille, 0) / (1_000 * (peers.length + 1)),
      keys: states.reduce((sum, { keys }) => sum + keys, 0),
    };
  }
}
