/** A node's disk is slow, or stands still: writes wait, unsynced and unanswered, and those who asked wait with them. */
import { chaosState, setDisk } from '../../src/adapters/chaos-client.js';
import type { DiskFault } from '../../src/ports/chaos.js';
import type { ChaosTarget, Fault } from './fault.js';
import { addressOf } from './node-address.js';

const HEALTHY: DiskFault = { stalled: false, writeDelayMs: 0 };

export function slowDisk(target: ChaosTarget, id: string, writeDelayMs: number): Fault {
  return diskFault(target, id, { stalled: false, writeDelayMs }, `disk of ${id} ${writeDelayMs} ms slower`);
}

export function stalledDisk(target: ChaosTarget, id: string): Fault {
  return diskFault(target, id, { stalled: true, writeDelayMs: 0 }, `disk of ${id} stands still`);
}

/** Refused by a node that was not started for chaos. */
function diskFault(target: ChaosTarget, id: string, fault: DiskFault, description: string): Fault {
  const address = addressOf(target, id);
  const { tls } = target;
  return {
    description,
    async inject() {
      await setDisk(address, fault, tls);
    },
    async probe() {
      const { stalled, writeDelayMs } = await chaosState(address, tls);
      const isThere = stalled === fault.stalled && writeDelayMs === fault.writeDelayMs;
      return isThere ? undefined : `the disk of ${id} is ${stalled ? 'stalled' : `${writeDelayMs} ms slower`}`;
    },
    async heal() {
      if (target.processes.state(id) === 'running') await setDisk(address, HEALTHY, tls);
    },
  };
}
