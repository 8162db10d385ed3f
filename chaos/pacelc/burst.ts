/**
 * Many callers at once on the network as it is: not for figures, but so that what is claimed to be linearizable is
 * checked on many answers, given under contention.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/client/client.js';
import { isConsensus } from '../../src/core/policy.js';
import type { HistoryEvent } from '../history.js';
import { Callers } from '../run/callers.js';
import { keysOf } from '../workloads/workload.js';
import { isOnSide, type Phase } from './cells.js';
import { halfAndHalf } from './half-and-half.js';

export interface BurstOptions {
  readonly clients: ReadonlyMap<string, Client>;
  readonly seed: number;
  /** Linearizable answers. */
  readonly wanted: number;
}

export interface Burst {
  readonly keys: readonly string[];
  readonly history: HistoryEvent[];
}

const KEYS = 96;
/** Callers of each node. */
const CALLERS = 80;
const CALL_TIMEOUT_MS = 5_000;
/** Where so few answers come that it would take for ever. */
const TIME_MAX_MS = 30_000;
const LOOK_MS = 50;

export function claimsLinearizable({ policy, level }: Phase): boolean {
  return isConsensus(policy, level);
}

export async function burst(phase: Phase, { clients, seed, wanted }: BurstOptions): Promise<Burst> {
  const keys = keysOf(`burst-${phase.level}-${phase.condition}`, KEYS);
  const history: HistoryEvent[] = [];
  const callers = new Callers({
    groups: [...clients]
      // The minority claims nothing, and its writes, which may have happened or not, make the search endless.
      .filter(([name]) => phase.condition !== 'partition' || isOnSide('majority', name))
      .map(([name, client]) => ({ name, client })),
    workloads: Array.from({ length: wanted === 0 ? 0 : CALLERS }, (_, number) =>
      halfAndHalf(phase.level, keys, String(number), CALL_TIMEOUT_MS),
    ),
    seed,
    pauseMs: 0,
    into: history,
  });
  const untilMs = performance.now() + TIME_MAX_MS;
  let seen = 0;
  for (let read = 0; seen < wanted && performance.now() < untilMs;) {
    await sleep(LOOK_MS);
    for (; read < history.length; read += 1) if (history[read]!.receipt?.guarantee === 'linearizable') seen += 1;
    // Nothing is answered at this level on this network.
    if (seen === 0 && untilMs - performance.now() < TIME_MAX_MS - CALL_TIMEOUT_MS) break;
  }
  await callers.stop();
  return { keys, history };
}
