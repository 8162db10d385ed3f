/**
 * The node's clock and the only source of its ballots (PROTOCOL.md rule 1).
 *
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) that never follows others:
 * ballots seen are tracked per key, so a fast peer cannot drag this clock along.
 */
import type { Ballot, Micros, ProcessId } from './ballot.js';

export class HybridClock {
  #last: Micros = 0;

  /** `bound`: how far this clock may run ahead of the physical one, in microseconds (D). */
  constructor(private readonly bound: Micros) {}

  /** A reading above every earlier one; undefined when the physical clock fell back by more than the bound. */
  tick(physical: Micros): Micros | undefined {
    const next = Math.max(physical, this.#last + 1);
    if (next > physical + this.bound) return undefined;
    this.#last = next;
    return next;
  }

  /** Forgets the past: only for whoever mints under a new incarnation from here on. */
  restart(physical: Micros): Micros {
    this.#last = physical;
    return physical;
  }
}

/** Ballots of one key that were minted ahead of the clock, because the key had seen such ballots. */
interface Ahead {
  readonly first: Micros;
  readonly last: Micros;
}

const AHEAD_PRUNE_SIZE = 1024;

/** Mints ballots that no process ever minted before, whatever the physical clock does. */
export class BallotMint {
  readonly #clock: HybridClock;
  readonly #node: string;
  #incarnation: string;
  readonly #ahead = new Map<string, Ahead>();

  constructor(
    self: ProcessId,
    bound: Micros,
    private readonly newIncarnation: () => string,
  ) {
    this.#clock = new HybridClock(bound);
    this.#node = self.node;
    this.#incarnation = self.incarnation;
  }

  /** A ballot for a key above the clock and above `above` (the largest time seen for the key, 0 for none). */
  mint(key: string, physical: Micros, above: Micros = 0): Ballot {
    const clock = this.#tick(physical);
    const ahead = this.#ahead.get(key);
    let time = Math.max(clock, above + 1);
    if (ahead !== undefined && time <= ahead.last) time = ahead.last + 1;
    if (time > clock) this.#remember(key, time, ahead, clock);
    return this.#ballot(time);
  }

  /**
   * A ballot at the clock (and above the operation's own time), below what a faster clock has left on the key:
   * where its refused ballots would otherwise keep this node from ever writing there (rule 1, D14).
   */
  mintAtClock(key: string, physical: Micros, opTime: Micros): Ballot {
    const clock = this.#tick(physical);
    const ahead = this.#ahead.get(key);
    let time = Math.max(clock, opTime + 1);
    if (ahead !== undefined && time >= ahead.first && time <= ahead.last) time = ahead.last + 1;
    if (time > clock) this.#remember(key, time, ahead, clock);
    return this.#ballot(time);
  }

  #ballot(time: Micros): Ballot {
    return { time, node: this.#node, incarnation: this.#incarnation, sub: 0 };
  }

  #tick(physical: Micros): Micros {
    const time = this.#clock.tick(physical);
    if (time !== undefined) return time;
    // The physical clock jumped back further than the bound: earlier times may have been minted already,
    // so from here on ballots carry another incarnation.
    this.#incarnation = this.newIncarnation();
    this.#ahead.clear();
    return this.#clock.restart(physical);
  }

  #remember(key: string, time: Micros, ahead: Ahead | undefined, clock: Micros): void {
    if (this.#ahead.size >= AHEAD_PRUNE_SIZE) {
      for (const [name, range] of this.#ahead) if (range.last < clock) this.#ahead.delete(name);
    }
    this.#ahead.set(key, { first: Math.min(ahead?.first ?? time, time), last: Math.max(ahead?.last ?? time, time) });
  }
}
