/** What is sent arrives later. */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import type { ChaosTarget, Fault } from './fault.js';
import { linkFault, type Link } from './link-fault.js';

export interface LatencyOptions extends Link {
  readonly ms: number;
  /** Each chunk of data is up to this much earlier or later; the order stays. 0 by default. */
  readonly jitterMs?: number | undefined;
}

/** Timers and the clock do not agree to the last millisecond. */
const TOLERANCE_MS = 2;
const PATIENCE_MS = 3_000;

export function latency(target: ChaosTarget, { ms, jitterMs = 0, ...link }: LatencyOptions): Fault {
  if (!Number.isInteger(ms) || !Number.isInteger(jitterMs) || ms < 0 || jitterMs < 0 || jitterMs > ms) {
    throw new FulcrumError(
      invalidArgument(
        `A latency is a whole number of milliseconds with a jitter no larger, not ${ms} and ${jitterMs}.`,
      ),
    );
  }
  const leastMs = ms - jitterMs - TOLERANCE_MS;
  return linkFault(target, link, {
    kind: 'latency',
    detail: ` ${ms} ms${jitterMs > 0 ? ` ± ${jitterMs} ms` : ''}`,
    toxic: { type: 'latency', attributes: { latency: ms, jitter: jitterMs } },
    look: { timeoutMs: PATIENCE_MS + 2 * (ms + jitterMs) },
    missing({ asked, answered }, { from, to }) {
      if (asked !== undefined && !(Number(asked.roundTripMs) >= leastMs)) {
        return `${to} answers ${from} after ${asked.roundTripMs?.toFixed(1)} ms`;
      }
      if (answered !== undefined && !(Number(answered.firstFrameMs) >= leastMs)) {
        return `${to} hears ${from} after ${answered.firstFrameMs?.toFixed(1)} ms`;
      }
      return undefined;
    },
  });
}
