/** How long a node has said nothing on its pipe. */
import { PIPE_LOST_AFTER_MS, SUSPECT_AFTER_MS } from '../core/defaults.js';

/**
 * `heard`: it said something since the last beat. `quiet`: it did not, and is to be asked whether it is there.
 * `silent`: for so long that others are asked before it. `lost`: for so long that its connection is to be replaced.
 */
export type Hearing = 'heard' | 'quiet' | 'silent' | 'lost';

export class Silence {
  #sinceMs: number | undefined;
  #isHeard = true;
  #queuedBytes = 0;
  #isSilent = false;

  /** For so long that others are asked before it. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** A frame came from the node. True: it had been silent. */
  heard(): boolean {
    this.#isHeard = true;
    const wasSilent = this.#isSilent;
    this.#isSilent = false;
    return wasSilent;
  }

  /** `queuedBytes` that become fewer are taken by somebody: what we sent, and the question, may still be on its way. */
  beat(awakeMs: number, queuedBytes: number): Hearing {
    const isHeard = this.#isHeard || queuedBytes < this.#queuedBytes;
    this.#isHeard = false;
    this.#queuedBytes = queuedBytes;
    if (isHeard) this.#sinceMs = awakeMs;
    const silentMs = awakeMs - (this.#sinceMs ??= awakeMs);
    this.#isSilent = silentMs >= SUSPECT_AFTER_MS;
    if (isHeard) return 'heard';
    if (silentMs >= PIPE_LOST_AFTER_MS) return 'lost';
    return this.#isSilent ? 'silent' : 'quiet';
  }
}
