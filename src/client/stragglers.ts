/**
 * Attempts whose call was settled without them: by another node's answer, or because its caller had no more time. Each
 * is watched for as long as any attempt may take, since whether its node answers at all is what its breaker must know.
 */
import { STRAGGLER_BYTES_MAX, STRAGGLERS_MAX } from '../core/defaults.js';
import type { Attempt } from './call.js';
import { Waiting } from './deadlines.js';

export class Straggler extends Waiting {
  constructor(readonly attempt: Attempt) {
    super();
  }
}

export class Stragglers {
  #count = 0;
  #bytes = 0;

  /** undefined: so many are watched that nothing more is learnt from this one. */
  take(attempt: Attempt): Straggler | undefined {
    const { bytes } = attempt.call;
    if (this.#count >= STRAGGLERS_MAX || this.#bytes + bytes > STRAGGLER_BYTES_MAX) return undefined;
    this.#count += 1;
    this.#bytes += bytes;
    return new Straggler(attempt);
  }

  /** Its time is up. */
  drop({ attempt }: Straggler): void {
    this.#count -= 1;
    this.#bytes -= attempt.call.bytes;
  }
}
