/** What is sent arrives at a limited rate. */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import type { ChaosTarget, Fault } from './fault.js';
import { linkFault, type Link } from './link-fault.js';

export interface BandwidthOptions extends Link {
  /** In KB/s for each connection, 1 at least. */
  readonly kbPerSecond: number;
}

/** What the probe sends takes at least half of this at the limited rate. */
const LOOK_MS = 200;
const PATIENCE_MS = 5_000;

export function bandwidth(target: ChaosTarget, { kbPerSecond, ...link }: BandwidthOptions): Fault {
  if (!Number.isInteger(kbPerSecond) || kbPerSecond < 1) {
    throw new FulcrumError(invalidArgument(`A bandwidth is a whole number of KB/s from 1, not ${kbPerSecond}.`));
  }
  // 1 KB/s are 1 byte in a millisecond.
  const padding = Math.min(kbPerSecond * LOOK_MS, 4_000_000);
  const leastMs = padding / kbPerSecond / 2;
  return linkFault(target, link, {
    kind: 'bandwidth',
    detail: ` ${kbPerSecond} KB/s`,
    toxic: { type: 'bandwidth', attributes: { rate: kbPerSecond } },
    look: { timeoutMs: PATIENCE_MS + 2 * LOOK_MS, padding },
    missing({ asked }, { from, to }) {
      if (asked === undefined || Number(asked.roundTripMs) >= leastMs) return undefined;
      return `${padding} bytes from ${from} to ${to} took ${asked.roundTripMs?.toFixed(1) ?? 'for ever'} ms`;
    },
  });
}
