import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { BenchCluster } from '../../bench/bench-cluster.js';
import { planOf } from '../../bench/plan.js';
import type { Report } from '../../bench/report.js';
import { Suite } from '../../bench/suite.js';

const RUN = fileURLToPath(new URL('../../bench/run.js', import.meta.url));

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

test('a short run on one node gives every figure as JSON and a table as Markdown', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-bench-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const markdown = join(folder, 'result.md');
  const { code, out, err } = await run(
    ...['--only', 'get-quorum,ycsb-f', '--nodes', '1', '--concurrency', '4', '--seconds', '1', '--keys', '50'],
    ...['--json', '--markdown', markdown],
  );
  t.is(code, 0, err);
  const report = JSON.parse(out) as Report;
  t.deepEqual(report.cluster, { nodes: 1, replicas: 1, policy: 'PC/EC' });
  t.true(report.machine.cores >= 1 && report.machine.syncMs > 0);
  t.true(report.driver.opsPerSecond > 0);
  t.deepEqual(
    report.results.map(({ workload, distribution, concurrency }) => [workload, distribution, concurrency]),
    [
      ['get-quorum', 'uniform', 4],
      ['ycsb-f', 'zipfian', 4],
    ],
  );
  for (const { measure, echo, ratio } of report.results) {
    for (const each of [measure, echo.before, echo.after]) {
      t.deepEqual(each.errors, {});
      t.true(each.operations > 0 && each.seconds > 0 && each.opsPerSecond > 0);
      const { p50, p99, p999, max } = each.latencyMs;
      t.true(p50 > 0 && p50 <= p99 && p99 <= p999 && p999 <= max);
      t.deepEqual(
        each.cpu.map(({ name }) => name),
        ['client', 'n1'],
      );
    }
    t.is(ratio, measure.opsPerSecond / ((echo.before.opsPerSecond + echo.after.opsPerSecond) / 2));
  }
  t.deepEqual(report.failures, []);
  t.true(report.marks.every(({ verdict }) => verdict === 'not measured'));
  t.regex(err, /5\/5 echo, 100 B, 4 under way: \d+ ops\/s/);
  const table = await readFile(markdown, 'utf8');
  t.regex(table, /^\| workload \| keys \| bytes \|/m);
  t.regex(table, /^\| ycsb-f \| zipfian \| 100 \| 4 \|/m);
});

test('a node that ends during the run is named, and nothing is measured without it', async (t) => {
  await using target = await BenchCluster.start({ nodes: 2 });
  await target.cluster.kill('n2');
  const watcher = { begins: () => undefined, ended: () => undefined };
  const suite = new Suite(target, { seconds: 0.1, keys: 5, seed: 1 }, watcher);
  const { results, failures } = await suite.run(planOf({ full: false, workloads: ['get-one'], concurrency: [2] }));
  t.deepEqual(results, []);
  t.like(failures, { length: 1, 0: { valueBytes: 100, concurrency: 2 } });
  t.regex(failures[0]!.reason, /Node n2 ended during the run/);
});

test('with --check-marks, marks that were not measured are not passed', async (t) => {
  const { code, out } = await run(
    ...['--only', 'get-one', '--nodes', '1', '--concurrency', '1', '--seconds', '0.1', '--keys', '5', '--check-marks'],
  );
  t.is(code, 1);
  t.regex(out, /NOT MEASURED {2}get-one at least 0.60 of the echo ceiling/);
});

test('a profile shows functions of the client and of the node', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-bench-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const { code, out, err } = await run(
    ...['--only', 'get-one', '--nodes', '1', '--concurrency', '4', '--seconds', '1', '--keys', '5'],
    ...['--profile', folder],
  );
  t.is(code, 0, err);
  t.regex(out, /^client: busy/m);
  t.regex(out, /^n1: busy/m);
  t.regex(out, / src\/adapters\/\S+\.ts:\d+$/m);
  t.is(await readFile(join(folder, 'get-one-uniform-100-4.txt'), 'utf8'), out.trimEnd() + '\n');
});

test('a wrong option is a usage error', async (t) => {
  const { code, err } = await run('--only', 'get-two');
  t.is(code, 2);
  t.regex(err, /get-two/);
});
