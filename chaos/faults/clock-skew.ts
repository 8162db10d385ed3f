/** A node's clock is wrong: ahead or behind, jumping, or running too fast or too slow. The others' clocks stay right. */
import { chaosState, setClock } from '../../src/adapters/chaos-client.js';
import type { ChaosTarget, Fault } from './fault.js';
import { addressOf } from './node-address.js';

export interface ClockSkewOptions {
  /** Added to the node's clock, in milliseconds; below zero it is behind. */
  readonly offsetMs?: number | undefined;
  /** How much too fast it runs, in millionths. */
  readonly driftPpm?: number | undefined;
}

/** Of what was asked for; a drift goes on meanwhile. */
const TOLERANCE = 0.5;

/** Refused by a node that was not started for chaos. A clock that is set right jumps, too. */
export function clockSkew(target: ChaosTarget, id: string, { offsetMs = 0, driftPpm = 0 }: ClockSkewOptions): Fault {
  const address = addressOf(target, id);
  const { tls } = target;
  return {
    description: `clock of ${id} ${skewText(offsetMs, driftPpm)}`,
    async inject() {
      await setClock(address, { offsetMs, driftPpm }, tls);
    },
    async probe() {
      const state = await chaosState(address, tls);
      if (state.driftPpm !== driftPpm) return `${id} drifts by ${state.driftPpm} millionths`;
      const isThere = Math.abs(state.clockErrorMs) >= Math.abs(offsetMs) * TOLERANCE;
      return isThere ? undefined : `the clock of ${id} is wrong by ${state.clockErrorMs} ms`;
    },
    async heal() {
      if (target.processes.state(id) === 'running') await setClock(address, { offsetMs: 0, driftPpm: 0 }, tls);
    },
  };
}

function skewText(offsetMs: number, driftPpm: number): string {
  const parts = [
    ...(offsetMs === 0 ? [] : [spanText(offsetMs)]),
    ...(driftPpm === 0 ? [] : [`${driftPpm > 0 ? '+' : ''}${driftPpm / 10_000} %`]),
  ];
  return parts.join(', ') || 'right';
}

const UNITS = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `+1 h`, `-10 min`, `+250 ms`. */
function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, whole]) => ms % whole === 0) ?? (['ms', 1] as const);
  return `${ms > 0 ? '+' : ''}${ms / size} ${unit}`;
}
