/**
 * A node loses its power while writes are on their way to its disk: they stand still, unsynced, and then the process is
 * killed with them in its memory. Healing starts it again with what had been synced.
 */
import { waitFor } from '../../cluster/wait.js';
import { chaosState } from '../../src/adapters/chaos-client.js';
import { stalledDisk } from './disk.js';
import type { ChaosTarget, Fault } from './fault.js';
import { kill } from './kill.js';
import { addressOf } from './node-address.js';

/** Where nothing is written meanwhile, nothing is lost, and that is as good a power cut. */
const WRITES_PATIENCE_MS = 2_000;

export function powerCut(target: ChaosTarget, id: string): Fault {
  const address = addressOf(target, id);
  const stalled = stalledDisk(target, id);
  const killed = kill(target, id);
  return {
    description: `power cut of ${id}`,
    async inject() {
      await stalled.inject();
      const held = async (): Promise<number | undefined> =>
        (await chaosState(address, target.tls)).heldWrites || undefined;
      await waitFor(held, WRITES_PATIENCE_MS);
      await killed.inject();
    },
    probe: () => killed.probe(),
    heal: () => killed.heal(),
  };
}
