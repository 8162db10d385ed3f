/**
 * What is left of a put and of a read at QUORUM when everything is taken away that makes a store of it: three processes
 * on the same streams and the same LevelDB, writing as many bytes for a key as a node does. Beside it, in the same run,
 * the real thing and the echo ceiling: how far a mark, which is a share of the echo, is from what these parts can do.
 */
import { encodeRecord } from '../src/adapters/record-codec.js';
import { OP_WINDOW_SIZE, OPERATION_LIFETIME_MS } from '../src/core/defaults.js';
import { applyOperations } from '../src/core/mutation.js';
import { makeOperation } from '../src/core/operation.js';
import { State } from '../src/core/state.js';
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { clientOperations, echoOperations } from './operations.js';
import { FloorCluster } from './floor/floor-cluster.js';
import type { Operations } from './closed-loop.js';
import { KeyPicks } from './key-picks.js';
import { MARK_CASE, MARKS } from './marks.js';
import { measure, type Measure, type MeasuredProcess } from './measure.js';
import { Progress } from './progress.js';
import { micros, share, thousands } from './report.js';
import { workloadNamed, type WorkloadName } from './workloads.js';

export interface Floor {
  /** What is written for one key: what a node writes for it in the middle of the measure. */
  readonly recordBytes: number;
  readonly echoOpsPerSecond: number;
  readonly rows: readonly FloorRow[];
}

export interface FloorRow {
  readonly workload: WorkloadName;
  /** Of the echo ceiling. */
  readonly mark: number;
  readonly store: Measure;
  readonly floor: Measure;
}

type Options = Pick<BenchOptions, 'seconds' | 'keys' | 'seed'>;
type Compared = 'put-quorum' | 'get-quorum';

const LIFETIME = OPERATION_LIFETIME_MS * 1_000;
const LOADED_AT_ONCE = 1_024;
/** Two echoes, two workloads, and the floor of each. */
const MEASURES = 6;

export async function measureFloor(options: Options): Promise<Floor> {
  await using store = await BenchCluster.start({ nodes: 3, replicas: 3, policy: 'PC/EC' });
  const { space, values } = await store.load(MARK_CASE.valueBytes, options.keys, options.seed);
  const material = () => ({ keys: new KeyPicks(space, 'uniform', options.seed), values, seed: options.seed });
  const progress = new Progress(MEASURES);
  const run = async (
    title: string,
    operations: Operations,
    processes: readonly MeasuredProcess[],
  ): Promise<Measure> => {
    progress.begins(title);
    const measureMs = options.seconds * 1_000;
    const { concurrency } = MARK_CASE;
    const measured = await measure(operations, { concurrency, warmupMs: measureMs, measureMs, processes });
    progress.ended(title, measured);
    return measured;
  };
  const runStore = (workload: Compared): Promise<Measure> =>
    run(workload, clientOperations(store.client, workloadNamed(workload), material()), store.processes);
  const echo = (): Promise<Measure> => run('echo', echoOperations(store.echo, material()), store.processes);

  const before = await echo();
  const put = await runStore('put-quorum');
  const get = await runStore('get-quorum');
  const putsOfAKey = 1 + (put.opsPerSecond * options.seconds * 1.5) / space.count;
  const recordBytes = recordBytesAfter(Math.round(putsOfAKey), MARK_CASE.valueBytes);
  await using floor = await FloorCluster.start(recordBytes);
  for (let first = 0; first < space.count; first += LOADED_AT_ONCE) {
    const names = Array.from({ length: Math.min(LOADED_AT_ONCE, space.count - first) }, (_, at) =>
      space.name(first + at),
    );
    await Promise.all(names.map((name) => floor.put(name, values.next())));
  }
  const bare = (workload: Compared): Promise<Measure> =>
    run(`floor of ${workload}`, floorOperations(floor, workload, material()), floor.processes);
  const rows = [rowOf('put-quorum', put, await bare('put-quorum')), rowOf('get-quorum', get, await bare('get-quorum'))];
  const after = await echo();
  progress.stop();
  return { recordBytes, echoOpsPerSecond: (before.opsPerSecond + after.opsPerSecond) / 2, rows };
}

function rowOf(workload: Compared, store: Measure, floor: Measure): FloorRow {
  return { workload, mark: MARKS.find((mark) => mark.workload === workload)!.least, store, floor };
}

export function floorLines({ recordBytes, echoOpsPerSecond, rows }: Floor): string[] {
  const line = (name: string, { opsPerSecond, cpu }: Measure): string => {
    const [client, ...nodes] = cpu.map(({ cpuMicrosPerOperation }) => micros(cpuMicrosPerOperation));
    const speed = `${thousands(opsPerSecond).padStart(9)} ops/s, ${share(opsPerSecond / echoOpsPerSecond)} of the echo`;
    return `  ${name.padEnd(6)} ${speed}; client ${client}, nodes ${nodes.join(' ')} µs of processor time`;
  };
  return [
    `Echo ceiling: ${thousands(echoOpsPerSecond)} ops/s. A record of ${recordBytes} bytes is written for each value of ${MARK_CASE.valueBytes}.`,
    ...rows.flatMap(({ workload, mark, store, floor }) => [
      '',
      `${workload}, ${MARK_CASE.concurrency} under way (mark: ${mark} of the echo)`,
      line('store', store),
      line('floor', floor),
    ]),
  ];
}

function floorOperations(
  floor: FloorCluster,
  workload: Compared,
  { keys, values }: Parameters<typeof echoOperations>[1],
): Operations {
  const start = workload === 'put-quorum' ? () => floor.put(keys.next(), values.next()) : () => floor.read(keys.next());
  const isRight = (result: unknown): boolean => {
    const { value } = result as { value?: Uint8Array };
    return workload === 'put-quorum' || value?.length === values.bytes;
  };
  return { start, isRight };
}

/** Of a key that was put so often lately. */
export function recordBytesAfter(puts: number, valueBytes: number): number {
  const process = { node: 'n1', incarnation: '0123456789abcdef' };
  const mutation = {
    kind: 'put',
    value: new Uint8Array(valueBytes),
    encoding: 'bytes',
    ttlMs: 0,
    expect: null,
  } as const;
  let state = State.absent(0);
  let accepted = { ...process, time: 1, sub: 0 };
  for (let time = 1; time <= Math.max(1, Math.min(puts, OP_WINDOW_SIZE)); time += 1) {
    accepted = { ...accepted, sub: time };
    const id = { node: 'client', incarnation: 'fedcba9876543210', time, sub: 0 };
    const context = { ballot: accepted, owner: process, now: time, windowSize: OP_WINDOW_SIZE, lifetime: LIFETIME };
    state = applyOperations(state, [makeOperation(id, 'consensus', mutation)], context).state;
  }
  return encodeRecord({ promised: accepted, accepted, state, maxOpTime: state.opTimeMax }).length;
}
