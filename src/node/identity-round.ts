/** An identity round of repair (PROTOCOL.md rule 16): brings what is chosen to every home replica that can be reached. */
import type { Seed } from '../core/adoption.js';
import { TOTAL_TIMEOUT_MS } from '../core/defaults.js';
import { Proposal } from './proposal.js';
import type { LaneCall } from './slow-lane.js';
import type { Ticking, Tools } from './tools.js';

export interface IdentityPlan {
  readonly key: string;
  readonly homes: readonly string[];
  /** A state known from elsewhere. */
  readonly seed?: Seed | undefined;
  /** The replica whose record is being repaired. */
  readonly mustHear?: string | undefined;
  /** Promises to adopt from; a majority unless told. */
  readonly promises?: number | undefined;
}

export class IdentityRound implements LaneCall, Ticking {
  readonly #tools: Tools;
  readonly #plan: IdentityPlan;
  readonly #onEnd: (round: IdentityRound, settled: boolean) => void;
  readonly #deadlineMs: number;
  #proposal: Proposal | undefined;
  #hasEnded = false;

  constructor(tools: Tools, plan: IdentityPlan, onEnd: (round: IdentityRound, settled: boolean) => void) {
    this.#tools = tools;
    this.#plan = plan;
    this.#onEnd = onEnd;
    this.#deadlineMs = tools.clock.monotonicMs() + TOTAL_TIMEOUT_MS;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  start(): void {
    this.#tools.lane.join(this.#plan.key, this);
  }

  enter(): void {
    this.#proposal = new Proposal(this.#tools, {
      ...this.#plan,
      operations: [],
      waitForAll: true,
      onFinish: () => {
        this.#end(this.#proposal?.proposer.failure === undefined);
        this.#tools.lane.leave(this.#plan.key);
      },
      onOwnerLost: () => {
        this.#proposal?.startSlow();
      },
    });
    this.#proposal.startSlow();
  }

  absorb(): boolean {
    return false;
  }

  tick(nowMs: number): void {
    this.#proposal?.tick(nowMs);
    if (nowMs < this.#deadlineMs || this.#hasEnded) return;
    if (this.#proposal === undefined) this.#end(false);
    else this.#proposal.end();
  }

  #end(settled: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(this, settled);
  }
}
