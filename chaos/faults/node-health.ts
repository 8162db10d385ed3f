/** What is wrong inside the nodes, whoever made it so. */
import { chaosState, setClock, setDisk } from '../../src/adapters/chaos-client.js';
import { FulcrumError } from '../../src/core/errors.js';
import type { ChaosState } from '../../src/ports/chaos.js';
import type { Tls } from '../../src/ports/tls.js';

/** Undefined for a node that was not started for chaos, so that nothing can be wrong with it. */
export async function nodeHealth(address: string, tls?: Tls): Promise<ChaosState | undefined> {
  try {
    return await chaosState(address, tls);
  } catch (error) {
    if (error instanceof FulcrumError && error.code === 'INVALID_ARGUMENT') return undefined;
    throw error;
  }
}

/** The clock right, the disk healthy. */
export async function healNode(address: string, tls?: Tls): Promise<void> {
  const state = await nodeHealth(address, tls);
  if (state === undefined) return;
  if (state.clockErrorMs !== 0 || state.driftPpm !== 0) await setClock(address, { offsetMs: 0, driftPpm: 0 }, tls);
  if (state.stalled || state.writeDelayMs !== 0) await setDisk(address, { stalled: false, writeDelayMs: 0 }, tls);
}

/** In words; undefined: nothing is wrong. */
export function healthText({ clockErrorMs, driftPpm, stalled, writeDelayMs }: ChaosState): string | undefined {
  const said = [
    ...(clockErrorMs === 0 ? [] : [`clock ${clockErrorMs > 0 ? '+' : ''}${Math.round(clockErrorMs)} ms`]),
    ...(driftPpm === 0 ? [] : [`clock drifts ${driftPpm / 10_000} %`]),
    ...(stalled ? ['disk stands still'] : []),
    ...(writeDelayMs === 0 ? [] : [`disk ${writeDelayMs} ms slower`]),
  ];
  return said.length === 0 ? undefined : said.join(', ');
}
