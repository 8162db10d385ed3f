/** The faults that the actions of a scenario stand for. */
import { bandwidth } from '../faults/bandwidth.js';
import { clockSkew } from '../faults/clock-skew.js';
import { slowDisk, stalledDisk } from '../faults/disk.js';
import type { ChaosTarget, Fault } from '../faults/fault.js';
import { kill } from '../faults/kill.js';
import { latency } from '../faults/latency.js';
import { partition } from '../faults/partition.js';
import { pause } from '../faults/pause.js';
import { powerCut } from '../faults/power-cut.js';
import { resets } from '../faults/resets.js';
import type { Action } from '../scenario/actions.js';

/** Undefined for what is over at once. */
export function makeFault(target: ChaosTarget, action: Action): Fault | undefined {
  switch (action.kind) {
    case 'partition':
      return partition(target, action.expression);
    case 'latency':
      return latency(target, action);
    case 'bandwidth':
      return bandwidth(target, action);
    case 'resets':
      return resets(target, action);
    case 'kill':
      return kill(target, action.node);
    case 'pause':
      return pause(target, action.node);
    case 'stall-disk':
      return stalledDisk(target, action.node);
    case 'slow-disk':
      return slowDisk(target, action.node, action.ms);
    case 'power-cut':
      return powerCut(target, action.node);
    case 'skew':
      return clockSkew(target, action.node, { offsetMs: action.offsetMs });
    case 'drift':
      return clockSkew(target, action.node, { driftPpm: action.ppm });
    case 'restart':
    case 'policy':
    case 'heal':
      return undefined;
  }
}
