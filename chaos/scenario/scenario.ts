/** What a scenario says; see parse.ts for how it is written. */
import type { Policy } from '../../src/core/policy.js';
import type { WorkloadName } from '../workloads/index.js';
import type { Action } from './actions.js';

export interface Scenario {
  /** The name of its file, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly nodes: number;
  /** Home replicas of a key. */
  readonly replicas: number;
  /** The policies that it is meant for; run one after the other unless one is asked for. */
  readonly policies: readonly Policy[];
  /**
   * Nodes whose copies are not compared in the end. A node whose clock was ahead has promised ballots of that time, and
   * until time has caught up with them it takes no older ones (PROTOCOL.md rule 1): its copies converge late.
   */
  readonly late: readonly string[];
  readonly workloads: readonly WorkloadName[];
  /** How long its times are meant for: another length stretches them. */
  readonly seconds: number;
  /** By time. */
  readonly steps: readonly Step[];
}

export interface Step {
  readonly line: number;
  readonly atMs: number;
  /** Taken back after so long; undefined: by the end, or by `heal`. */
  readonly forMs: number | undefined;
  readonly action: Action;
}

/** The same scenario in another time, and with another policy. */
export function stretched(scenario: Scenario, seconds: number): Scenario {
  const factor = seconds / scenario.seconds;
  const steps = scenario.steps.map((step) => ({
    ...step,
    atMs: Math.round(step.atMs * factor),
    forMs: step.forMs === undefined ? undefined : Math.round(step.forMs * factor),
  }));
  return { ...scenario, seconds, steps };
}
