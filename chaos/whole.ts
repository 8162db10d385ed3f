/** Making a cluster whole again, whatever was done to it. */
import { awaitLinks } from '../cluster/await-links.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT_MS } from '../src/core/defaults.js';
import { FulcrumError } from '../src/core/errors.js';
import type { ChaosTarget } from './faults/fault.js';
import { healNode } from './faults/node-health.js';

/** Nodes dial again after 2 s at most and a restart takes a moment; the rest is for slow machines. */
const WHOLE_TIMEOUT_MS = 60_000;
const SETTLE_MS = 2 * HEARTBEAT_MS;

/** `network`: undefined where links run directly. */
export type Hurt = Omit<ChaosTarget, 'network'> & { readonly network: ChaosTarget['network'] | undefined };

/**
 * Takes every toxic away, lets paused nodes go on, starts those that are down, and sets clocks and disks right. Resolves
 * once all reach each other; throws TIMEOUT where they do not in time.
 */
export async function makeWhole({ network, processes, targets, tls }: Hurt): Promise<void> {
  await network?.remove();
  await Promise.all(
    targets.map(async ({ id, address }) => {
      const state = processes.state(id);
      if (state === 'paused') await processes.resume(id);
      if (state === 'down') await processes.start(id);
      else await healNode(address, tls);
    }),
  );
  const wholeWithin = { timeoutMs: WHOLE_TIMEOUT_MS, all: true } as const;
  if (await awaitLinks(targets, wholeWithin)) {
    // A node may not have noticed yet that the connections which lost data were ended.
    await sleep(SETTLE_MS);
    if (await awaitLinks(targets, wholeWithin)) return;
  }
  const message = `All faults were taken back, but not every node reaches every other one after ${WHOLE_TIMEOUT_MS} ms. See \`fulcrum status\` and node.log in the data folders.`;
  throw new FulcrumError({ code: 'TIMEOUT', message, definite: true, retryable: true });
}
