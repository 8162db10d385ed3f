/** The clock and the disk of one node: the machine's, or where it is started for chaos, ones that can be made wrong. */
import { FaultyStore } from '../adapters/faulty-store.js';
import { SkewedClock } from '../adapters/skewed-clock.js';
import { systemClock } from '../adapters/system-clock.js';
import type { NodeChaos } from '../ports/chaos.js';
import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';

export interface NodeGround {
  readonly clock: Clock;
  /** To be asked once. */
  store(real: Store): Store;
  /** Undefined where the node was not started for chaos. */
  readonly chaos: NodeChaos | undefined;
}

export function groundOf(node: string, forChaos: boolean): NodeGround {
  if (!forChaos) return { clock: systemClock, store: (real) => real, chaos: undefined };
  const clock = new SkewedClock(systemClock);
  let disk: FaultyStore | undefined;
  return {
    clock,
    store: (real) => (disk = new FaultyStore(real, systemClock)),
    chaos: {
      state: () => ({
        node,
        clockErrorMs: clock.errorMs(),
        driftPpm: clock.driftPpm,
        stalled: disk?.fault.stalled ?? false,
        writeDelayMs: disk?.fault.writeDelayMs ?? 0,
        heldWrites: disk?.heldWrites ?? 0,
      }),
      setClock: (fault) => clock.set(fault),
      setDisk: (fault) => disk?.set(fault),
    },
  };
}
