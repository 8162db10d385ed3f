/** Whether a node gets connections: pure, from what checks and connections to it have shown. */
import { L4_FALL, L4_RISE } from '../core/defaults.js';

/** Each variant has only what it needs. Only a node that is `up` gets connections. */
export type L4Health =
  | { readonly kind: 'unchecked' }
  /** `failures` in a row. */
  | { readonly kind: 'up'; readonly failures: number }
  /** `successes` in a row. */
  | { readonly kind: 'down'; readonly successes: number; readonly reason: string };

/** `refused`: nobody listens at its address, so that waiting for further failures would only cost connections. */
export type L4Finding =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface L4Thresholds {
  /** Failures in a row that take a node out; 2 by default. */
  readonly fall?: number | undefined;
  /** Successes in a row that bring it back; 1 by default. */
  readonly rise?: number | undefined;
}

export const UNCHECKED: L4Health = { kind: 'unchecked' };

/** The first finding decides alone: nothing is known that it could contradict. */
export function healthAfter(
  health: L4Health,
  finding: L4Finding,
  { fall = L4_FALL, rise = L4_RISE }: L4Thresholds = {},
): L4Health {
  if (finding.kind === 'ok') {
    if (health.kind !== 'down') return { kind: 'up', failures: 0 };
    const successes = health.successes + 1;
    return successes >= rise ? { kind: 'up', failures: 0 } : { ...health, successes };
  }
  const down: L4Health = { kind: 'down', successes: 0, reason: finding.reason };
  if (health.kind !== 'up' || finding.kind === 'refused') return down;
  const failures = health.failures + 1;
  return failures >= fall ? down : { kind: 'up', failures };
}
