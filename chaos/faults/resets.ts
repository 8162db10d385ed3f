/** Connections break as soon as something is sent on them. */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import type { ChaosTarget, Fault } from './fault.js';
import { linkFault, type Link } from './link-fault.js';

export interface ResetOptions extends Link {
  /** How long a connection lives once it is used; 0 by default. */
  readonly afterMs?: number | undefined;
  /** The share of connections that break, above 0 and at most 1; all by default. */
  readonly share?: number | undefined;
}

const PATIENCE_MS = 3_000;

export function resets(target: ChaosTarget, { afterMs = 0, share = 1, ...link }: ResetOptions): Fault {
  if (!Number.isInteger(afterMs) || afterMs < 0 || !(share > 0) || share > 1) {
    throw new FulcrumError(invalidArgument(`Resets come after whole milliseconds, for a share above 0 and up to 1.`));
  }
  return linkFault(target, link, {
    kind: 'resets',
    detail: `${afterMs > 0 ? ` after ${afterMs} ms` : ''}${share < 1 ? ` for ${share} of the connections` : ''}`,
    toxic: { type: 'reset_peer', attributes: { timeout: afterMs }, toxicity: share },
    look: { timeoutMs: PATIENCE_MS + afterMs, untilEnded: true },
    missing({ asked, answered }, { from, to }) {
      // By chance a connection may live.
      if (share < 1) return undefined;
      if (asked?.ended === false) return `a connection from ${from} to ${to} lives on`;
      return answered?.ended === false ? `a connection from ${to} to ${from} lives on` : undefined;
    },
  });
}
