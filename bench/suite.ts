/** Runs the cases of a plan one after another, with an echo run before and after each. */
import type { BenchCluster } from './bench-cluster.js';
import type { BenchOptions } from './arguments.js';
import { caseOperations } from './case-operations.js';
import type { Operations } from './closed-loop.js';
import { KeyPicks } from './key-picks.js';
import { KeySpace } from './key-space.js';
import { measure, type Measure } from './measure.js';
import { echoOperations, noOperations, Values, type Material } from './operations.js';
import type { Case, Group, Plan } from './plan.js';
import { CONCURRENCY_USUAL, VALUE_BYTES_USUAL } from './plan.js';
import { onlyInserts } from './workloads.js';

export interface CaseResult extends Case {
  readonly measure: Measure;
  readonly echo: {
    /** The mean of the two echo runs around the measure. */
    readonly opsPerSecond: number;
    readonly before: Measure;
    readonly after: Measure;
  };
  /** Operations per second as a share of the echo ceiling; null where nothing was echoed. */
  readonly ratio: number | null;
  /**
   * Processor time of an echo as a share of that of an operation, client and nodes together: the ratio of a machine
   * with nothing else to do and no disk to wait for. Null where it is not known.
   */
  readonly cpuRatio: number | null;
}

/** Why the cases of one size and concurrency were not measured. */
export interface GroupFailure extends Omit<Group, 'cases'> {
  readonly reason: string;
}

export interface SuiteResult {
  readonly results: readonly CaseResult[];
  readonly failures: readonly GroupFailure[];
}

/** Who wants to know how far the run has come. */
export interface Watcher {
  begins(title: string): void;
  ended(title: string, measured: Measure): void;
}

type SuiteOptions = Pick<BenchOptions, 'seconds' | 'keys' | 'seed'>;

/** The machine code of a workload that has run before needs only to get warm again. */
const WARM_AGAIN_SHARE = 0.25;

export class Suite {
  readonly #target: BenchCluster;
  readonly #options: SuiteOptions;
  readonly #watcher: Watcher;
  readonly #warm = new Set<string>();

  constructor(target: BenchCluster, options: SuiteOptions, watcher: Watcher) {
    this.#target = target;
    this.#options = options;
    this.#watcher = watcher;
  }

  /** A group that cannot be measured does not take the others' results with it. */
  async run(plan: Plan): Promise<SuiteResult> {
    const results: CaseResult[] = [];
    const failures: GroupFailure[] = [];
    for (const group of plan.groups) {
      try {
        results.push(...(await this.#runGroup(group)));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failures.push({ valueBytes: group.valueBytes, concurrency: group.concurrency, reason });
      }
    }
    return { results, failures };
  }

  async #runGroup({ valueBytes, concurrency, cases }: Group): Promise<CaseResult[]> {
    this.#target.checkNodes();
    const { keys, seed } = this.#options;
    const { space, unused, values } = await this.#target.load(valueBytes, keys, seed);
    const spaceOf = ({ workload }: Case): KeySpace => (onlyInserts(workload) ? unused : space);
    const material = (one: Case) => ({ keys: new KeyPicks(spaceOf(one), one.distribution, seed), values, seed });
    const echoes = { keys: new KeyPicks(space, 'uniform', seed), values };
    const echo = (): Promise<Measure> =>
      this.#measure('echo', valueBytes, concurrency, echoOperations(this.#target.echo, echoes));
    const results: CaseResult[] = [];
    let before = await echo();
    for (const one of cases) {
      const measured = await this.#measureCase(one, material(one));
      const after = await echo();
      results.push(caseResult(one, measured, before, after));
      before = after;
    }
    return results;
  }

  async #measureCase(one: Case, material: Material): Promise<Measure> {
    const operations = await caseOperations(this.#target, one, material);
    const measured = await this.#measure(one.workload, one.valueBytes, one.concurrency, operations);
    return { ...measured, errors: { ...measured.errors, ...(await operations.audit()) } };
  }

  async #measure(name: string, valueBytes: number, concurrency: number, operations: Operations): Promise<Measure> {
    const title = `${name}, ${valueBytes} B, ${concurrency} under way`;
    this.#watcher.begins(title);
    const measureMs = this.#options.seconds * 1_000;
    const warmupMs = this.#warm.has(name) ? measureMs * WARM_AGAIN_SHARE : measureMs;
    const measured = await measure(operations, { concurrency, warmupMs, measureMs, processes: this.#target.processes });
    this.#target.checkNodes();
    this.#warm.add(name);
    this.#watcher.ended(title, measured);
    return measured;
  }
}

/** How many measures a plan takes. */
export function measuresOf(plan: Plan): number {
  return plan.groups.reduce((sum, { cases }) => sum + 2 * cases.length + 1, 0);
}

/** What the driver itself costs: operations that are answered without being sent. */
export async function measureDriver({ seconds, keys, seed }: SuiteOptions): Promise<Measure> {
  const operations = noOperations({
    keys: new KeyPicks(new KeySpace(keys, VALUE_BYTES_USUAL), 'uniform', seed),
    values: new Values(VALUE_BYTES_USUAL, seed),
  });
  const measureMs = Math.min(1, seconds) * 1_000;
  const processes = [{ name: 'client', pid: process.pid }];
  return measure(operations, { concurrency: CONCURRENCY_USUAL, warmupMs: measureMs / 2, measureMs, processes });
}

function caseResult(one: Case, measured: Measure, before: Measure, after: Measure): CaseResult {
  const opsPerSecond = (before.opsPerSecond + after.opsPerSecond) / 2;
  const ratio = opsPerSecond > 0 ? measured.opsPerSecond / opsPerSecond : null;
  const [cost, first, second] = [measured, before, after].map(cpuMicrosPerOperation);
  const cpuRatio = cost && first && second ? (first + second) / 2 / cost : null;
  return { ...one, measure: measured, echo: { opsPerSecond, before, after }, ratio, cpuRatio };
}

/** Of all processes together. */
function cpuMicrosPerOperation({ cpu }: Measure): number | null {
  return cpu.reduce<number | null>((sum, cost) => {
    return sum === null || cost.cpuMicrosPerOperation === null ? null : sum + cost.cpuMicrosPerOperation;
  }, 0);
}
