/** The whole matrix, a cluster for each policy, with what it was measured on. */
import { currentLoad, machineFacts, type MachineFacts } from '../measure/machine.js';
import { tmpdir } from 'node:os';
import type { Client } from '../../src/client/client.js';
import type { Policy } from '../../src/core/policy.js';
import { startChaosCluster } from '../chaos-cluster.js';
import { pinnedClients } from '../run/run-scenario.js';
import { phasesOf, type Phase } from './cells.js';
import type { Cell } from './judge-cell.js';
import { runPhase, type PhaseResult } from './run-phase.js';

export interface MatrixOptions {
  readonly policies: readonly Policy[];
  /** Of each phase. */
  readonly seconds: number;
  readonly seed: number;
  /** Linearizable answers checked beyond the measured ones, in each phase that claims linearizability. */
  readonly burst: number;
  readonly toxiproxy?: 'installed' | 'embedded' | undefined;
  readonly onPhase?: ((phase: Phase, done: number, total: number, result: PhaseResult | undefined) => void) | undefined;
}

export interface Matrix {
  readonly machine: MachineFacts;
  readonly toxiproxy: string;
  readonly secondsPerPhase: number;
  readonly seed: number;
  readonly operations: number;
  readonly checkedLinearizable: number;
  readonly linearizabilityViolations: number;
  readonly problems: readonly string[];
  readonly cells: readonly Cell[];
}

export async function measureMatrix(options: MatrixOptions): Promise<Matrix> {
  const machine = machineFacts(tmpdir(), currentLoad());
  const phases = phasesOf(options.policies);
  const results: PhaseResult[] = [];
  let toxiproxy = '';
  for (const policy of options.policies) {
    const cluster = await startChaosCluster({ policy, toxiproxy: options.toxiproxy });
    toxiproxy = cluster.toxiproxy.kind;
    const opened: Client[] = [];
    try {
      const clients = await pinnedClients(cluster, opened);
      for (const phase of phases.filter((one) => one.policy === policy)) {
        options.onPhase?.(phase, results.length, phases.length, undefined);
        const { seconds, seed, burst } = options;
        const result = await runPhase(phase, { cluster, clients, seconds, seed: seed + results.length, burst });
        results.push(result);
        options.onPhase?.(phase, results.length, phases.length, result);
      }
    } finally {
      await Promise.allSettled(opened.map((client) => client.close()));
      await cluster.stop();
    }
  }
  const cells = results.flatMap((result) => result.cells);
  const sum = (of: (result: PhaseResult) => number): number => results.reduce((total, one) => total + of(one), 0);
  return {
    machine,
    toxiproxy,
    secondsPerPhase: options.seconds,
    seed: options.seed,
    operations: cells.reduce((total, { calls }) => total + calls, 0),
    checkedLinearizable: sum((one) => one.checkedLinearizable),
    linearizabilityViolations: sum((one) => one.linearizabilityViolations),
    problems: results.flatMap(({ problems }) => problems),
    cells,
  };
}
