/** Identity rounds by this node for single keys (PROTOCOL.md rules 16 and 19). */
import type { Seed } from '../core/adoption.js';
import type { Ring } from '../core/ring.js';
import { IdentityRound } from './identity-round.js';
import type { Ticking, Tools } from './tools.js';

export interface KeySettlerParts {
  readonly tools: Tools;
  readonly ring: Ring;
  /** Makes a call that looks at the time until it says that it has ended. */
  readonly track: <C extends Ticking>(make: (ended: (call: Ticking) => void) => C) => C;
}

export class KeySettler {
  readonly #parts: KeySettlerParts;

  constructor(parts: KeySettlerParts) {
    this.#parts = parts;
  }

  /**
   * An identity round by this node, which has to be a home replica; its own record takes part (rule 16). `byAll`: the
   * promises of all home replicas are needed (rule 19).
   */
  settle(key: string, seed: Seed | undefined, done: (settled: boolean) => void, byAll = false): void {
    const { tools, ring, track } = this.#parts;
    const homes = ring.homeReplicas(key);
    const { node } = tools.self;
    if (!homes.includes(node)) {
      done(false);
      return;
    }
    track(
      (ended) =>
        new IdentityRound(
          tools,
          { key, homes, seed, mustHear: node, promises: byAll ? homes.length : undefined },
          (round, settled) => {
            ended(round);
            done(settled);
          },
        ),
    ).start();
  }
}
