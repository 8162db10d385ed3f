/** How long each kind of call takes, and so when a second node is asked. */
import { LANES, type Call, type Lane } from './call.js';
import { HedgeDelay, type HedgeDelayOptions } from './resilience/hedge-delay.js';

export interface HedgeSettings extends HedgeDelayOptions {
  readonly reads: boolean;
  readonly writes: boolean;
}

export class Hedging {
  readonly #lanes: ReadonlyMap<Lane, HedgeDelay>;
  readonly #isHedged: (call: Call) => boolean;

  constructor({ reads, writes, ...options }: HedgeSettings) {
    this.#lanes = new Map(LANES.map((lane) => [lane, new HedgeDelay(options)]));
    this.#isHedged = (call) => call.target === null && (call.mutates ? writes : reads);
  }

  /** How long the first attempt of a call took, or had been waited for when it was given up. */
  observe(call: Call, latencyMs: number, nowMs: number): void {
    this.#lanes.get(call.lane)!.observe(latencyMs, nowMs);
  }

  /** How long after it was sent another node is asked; undefined: none is. */
  delayMs(call: Call, nowMs: number): number | undefined {
    return this.#isHedged(call) ? this.#lanes.get(call.lane)!.delayMs(call.hedges, nowMs) : undefined;
  }
}
