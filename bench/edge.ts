/**
 * What the gateway's cache saves: the same reads over HTTP, given from the cache, validated by version, and fetched each
 * time, beside requests that ask for nothing, which are the ceiling of HTTP itself in the same run.
 */
import { Agent, get } from 'node:http';
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { CommandProcess } from './command-process.js';
import type { Operations } from './closed-loop.js';
import { KeyPicks } from './key-picks.js';
import { cpuOfAll, measure, type Measure } from './measure.js';
import { Progress } from './progress.js';
import { micros, share, thousands } from './report.js';

export interface EdgeCosts {
  readonly concurrency: number;
  /** Of GET /healthz, the mean of before and after. */
  readonly ceilingOpsPerSecond: number;
  readonly rows: readonly EdgeRow[];
}

export interface EdgeRow {
  readonly way: Way;
  readonly valueBytes: number;
  readonly measured: Measure;
}

/** `given`: fresh, nobody is asked. `validated`: the cluster says that it is unchanged. `fetched`: it sends the value. */
export const WAYS = ['given', 'validated', 'fetched'] as const;
export type Way = (typeof WAYS)[number];

type Options = Pick<BenchOptions, 'seconds' | 'keys' | 'seed'>;

const SIZES = [100, 16 * 1024] as const;
const CONCURRENCY = 64;
/** Every key has to fit into the cache. */
const KEYS_MAX = 1_000;

const HEADERS: Readonly<Record<Way, Readonly<Record<string, string>>>> = {
  given: {},
  validated: { 'cache-control': 'no-cache' },
  fetched: { 'cache-control': 'no-store' },
};

export async function measureEdge(options: Options): Promise<EdgeCosts> {
  await using store = await BenchCluster.start({ nodes: 3, replicas: 3, policy: 'PC/EC' });
  await using gateway = await CommandProcess.start('gateway', '--cluster', store.cluster.file, '--max-age', '1h');
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const progress = new Progress((SIZES.length + 1) * WAYS.length + 2);
  const processes = [...store.processes, { name: 'gateway', pid: gateway.pid }];
  const run = async (title: string, operations: Operations): Promise<Measure> => {
    progress.begins(title);
    const measureMs = options.seconds * 1_000;
    const measured = await measure(operations, { concurrency: CONCURRENCY, warmupMs: measureMs, measureMs, processes });
    progress.ended(title, measured);
    return measured;
  };
  const ceiling = (): Promise<Measure> =>
    run('HTTP alone', {
      start: () => answer(agent, `${gateway.address}/healthz`, {}),
      isRight: (bytes) => bytes !== 0,
    });
  try {
    const readAll = async (valueBytes: number, title = ''): Promise<EdgeRow[]> => {
      const { space } = await store.load(valueBytes, Math.min(options.keys, KEYS_MAX), options.seed);
      const keys = new KeyPicks(space, 'zipfian', options.seed);
      const rows: EdgeRow[] = [];
      for (const way of WAYS) {
        const start = (): Promise<number> =>
          answer(agent, `${gateway.address}/kv/${encodeURIComponent(keys.next())}`, HEADERS[way]);
        const isRight = (bytes: unknown): boolean => bytes === valueBytes;
        rows.push({ way, valueBytes, measured: await run(`${title}${way}, ${valueBytes} B`, { start, isRight }) });
      }
      return rows;
    };
    // The code of gateway and nodes is compiled while it runs: what is measured first would look slow.
    await readAll(SIZES[0], 'warming up: ');
    const before = await ceiling();
    const rows = [...(await readAll(SIZES[0])), ...(await readAll(SIZES[1]))];
    const after = await ceiling();
    return {
      concurrency: CONCURRENCY,
      ceilingOpsPerSecond: (before.opsPerSecond + after.opsPerSecond) / 2,
      rows,
    };
  } finally {
    progress.stop();
    agent.destroy();
  }
}

export function edgeLines({ concurrency, ceilingOpsPerSecond, rows }: EdgeCosts): string[] {
  const line = ({ way, valueBytes, measured }: EdgeRow): string => {
    const { opsPerSecond, latencyMs, cpu } = measured;
    const of = (process: (name: string) => boolean): number | null => cpuOfAll(cpu.filter(({ name }) => process(name)));
    const gateway = of((name) => name === 'gateway');
    const nodes = of((name) => name !== 'gateway' && name !== 'client');
    return (
      `| ${way} | ${valueBytes} | ${thousands(opsPerSecond)} | ${share(opsPerSecond / ceilingOpsPerSecond)} | ` +
      `${latencyMs.p50.toFixed(1)} | ${latencyMs.p99.toFixed(1)} | ${micros(gateway)} | ${micros(nodes)} |`
    );
  };
  return [
    `HTTP alone: ${thousands(ceilingOpsPerSecond)} requests/s with ${concurrency} under way.`,
    '',
    '| read | bytes | requests/s | of HTTP alone | p50 ms | p99 ms | gateway µs | nodes µs |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(line),
  ];
}

/** Resolves with the bytes of the body; rejects where it is no success. */
function answer(agent: Agent, url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => (bytes += part.length));
      response.once('error', reject).once('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`the gateway answers ${response.statusCode ?? 'nothing'}`));
      });
    }).once('error', reject);
  });
}
