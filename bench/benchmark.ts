/** A whole run: the cluster, the driver's own cost, the cases of the plan, and the verdict on the marks. */
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { busyMs, currentLoad, machineFacts, machineWarnings, othersWarning } from '../chaos/measure/machine.js';
import { judgeMarks, type Shape } from './marks.js';
import type { MeasuredProcess } from './measure.js';
import { measurePaging, PAGING_USUAL } from './paging.js';
import { isWhole, planOf } from './plan.js';
import { cpuMicrosOf } from './process-cpu.js';
import { Progress } from './progress.js';
import type { Report } from './report.js';
import { measureWatching, WATCHING_USUAL } from './watching.js';
import { measureDriver, measuresOf, Suite } from './suite.js';

export async function benchmark(options: BenchOptions): Promise<Report> {
  const loadAverage = currentLoad();
  const plan =
    options.paging === true || options.watching === true ? { groups: [], leftOut: [] } : planOf(options.selection);
  const driver = await measureDriver(options);
  await using target = await BenchCluster.start(options);
  const machine = machineFacts(target.folder, loadAverage);
  const cluster = shapeOf(target);
  const others = new Others(target.processes);
  const progress = new Progress(measuresOf(plan));
  try {
    const { results, failures } = await new Suite(target, options, progress).run(plan);
    const isUsual = isWhole(options.selection) && options.paging !== true && options.watching !== true;
    const withPages = options.paging === true || options.chart !== undefined || isUsual;
    const paging = withPages ? await measurePaging(target.client, PAGING_USUAL) : null;
    const { seconds, keys, seed } = options;
    const withWatching = options.watching === true || isUsual;
    const watching = withWatching ? await measureWatching(target, { ...WATCHING_USUAL, keys, seed }) : null;
    const othersCores = others.cores();
    const busy = othersWarning(othersCores, machine.cores);
    return {
      machine,
      cluster,
      options: { seconds, keys, seed },
      driver,
      results,
      failures,
      paging,
      watching,
      leftOut: plan.leftOut,
      marks: judgeMarks(results, cluster),
      othersCores,
      warnings: [...machineWarnings(machine), ...(busy === undefined ? [] : [busy])],
    };
  } finally {
    progress.stop();
  }
}

function shapeOf({ client }: BenchCluster): Shape {
  const { nodes, replicas, policy } = client.cluster;
  return { nodes: nodes.length, replicas, policy };
}

/** Cores that processes other than these use, from its making on. */
class Others {
  readonly #processes: readonly MeasuredProcess[];
  readonly #startedMs = performance.now();
  readonly #before: number | null;

  constructor(processes: readonly MeasuredProcess[]) {
    this.#processes = processes;
    this.#before = this.#othersMs();
  }

  cores(): number | null {
    const now = this.#othersMs();
    if (now === null || this.#before === null) return null;
    return Math.max(0, (now - this.#before) / (performance.now() - this.#startedMs));
  }

  #othersMs(): number | null {
    let own = 0;
    for (const { pid } of this.#processes) {
      const micros = cpuMicrosOf(pid);
      if (micros === null) return null;
      own += micros / 1_000;
    }
    return busyMs() - own;
  }
}
