/**
 * One slow path a key at a time: coordinators that prepare against themselves only knock each other out.
 * What queues up meanwhile is combined into one round (PROTOCOL.md rule 13).
 */

export interface LaneCall {
  /** Nobody waits for it any more: it is passed over. */
  readonly hasEnded: boolean;
  /** The lane is free: go on with the slow path, and call {@link SlowLane.leave} at the end. */
  enter(): void;
  /** Takes over what another call carries; false if it cannot. */
  absorb(other: LaneCall): boolean;
}

interface Lane {
  waiting: LaneCall[];
}

export class SlowLane {
  readonly #lanes = new Map<string, Lane>();

  isBusy(key: string): boolean {
    return this.#lanes.has(key);
  }

  join(key: string, call: LaneCall): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, { waiting: [] });
      call.enter();
    } else if (!(lane.waiting.findLast((waiting) => !waiting.hasEnded)?.absorb(call) ?? false)) lane.waiting.push(call);
  }

  /** The call that had the lane is done with it. */
  leave(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    const next = lane.waiting.find((call) => !call.hasEnded);
    if (next === undefined) this.#lanes.delete(key);
    else {
      lane.waiting.splice(0, lane.waiting.indexOf(next) + 1);
      next.enter();
    }
  }
}
