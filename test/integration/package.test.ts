import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const MINUTES_3 = 180_000;
/** What the compiler wrote: this file runs from two folders below it. */
const BUILT = fileURLToPath(new URL('../../', import.meta.url));
const CHECKOUT = join(BUILT, '..');
const COMPILER = join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc');

const PROGRAM = `
import { connect, FulcrumError, systemClock, type Client, type GetResult, type Level, type Receipt } from 'fulcrum-kv';
import { startCluster, type LocalCluster } from 'fulcrum-kv/cluster';
import { check, latency, recordHistory, startChaosCluster, type ChaosCluster, type Fault } from 'fulcrum-kv/chaos';
import { CircuitBreaker, Throttle, type BreakerState } from 'fulcrum-kv/resilience';

const breaker = new CircuitBreaker({ callsMin: 1 });
const leave = breaker.tryAcquire(systemClock.monotonicMs());
if (leave.granted) leave.fail(systemClock.monotonicMs());
const state: BreakerState = breaker.stateAt(systemClock.monotonicMs());
await new Throttle({ ratePerSecond: 100, burst: 1 }, systemClock).take();

const level: Level = 'QUORUM';
await using cluster: LocalCluster = await startCluster({ nodes: 1, replicas: 1, policy: 'PC/EC' });
const client: Client = await connect({ nodes: cluster.addresses });
const { receipt }: { receipt: Receipt } = await client.put('greeting', { text: 'hello' }, { level });
const found: GetResult<{ text: string }> = await client.get<{ text: string }>('greeting', { level });
let code = 'none';
try {
  await client.put('', 1);
} catch (error) {
  if (error instanceof FulcrumError) code = error.code;
}
await client.close();

await using hurt: ChaosCluster = await startChaosCluster({ nodes: 2, toxiproxy: 'embedded' });
const recorded = recordHistory(await hurt.connect());
const slow: Fault = latency(hurt, { from: 'n1', to: 'n2', ms: 20, jitterMs: 5 });
await hurt.inject(slow);
await recorded.put('slow', 1, { level: 'ALL' });
await hurt.partition('n1 | n2');
const cuts = (await hurt.toxics()).filter(({ label }) => label === 'partition').length;
await hurt.heal();
const { verdict } = check(recorded.history);
console.log(JSON.stringify({ text: found.value?.text, guarantee: receipt.guarantee, code, breaker: state.kind, cuts, verdict }));
`;

const COMPILER_OPTIONS = {
  target: 'ES2022',
  module: 'NodeNext',
  lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

test('the packed package installs into a plain project, compiles under strict settings, and works', async (t) => {
  t.timeout(MINUTES_3);
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-package-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const tarball = await pack(folder);
  const project = join(folder, 'plain');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'plain', private: true, type: 'module' }));
  await writeFile(join(project, 'program.ts'), PROGRAM);
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ['program.ts'] }),
  );

  await run('npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: project,
  });
  await t.notThrowsAsync(run(process.execPath, [COMPILER, '-p', project]).catch(withOutput));
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project }).catch(withOutput);
  t.deepEqual(JSON.parse(stdout), {
    text: 'hello',
    guarantee: 'linearizable',
    code: 'INVALID_ARGUMENT',
    breaker: 'open',
    cuts: 2,
    verdict: 'valid',
  });

  const command = join(project, 'node_modules', '.bin', 'fulcrum');
  const version = await run(command, ['--version'], { cwd: project });
  t.regex(version.stdout, /^\d+\.\d+\.\d+/);
  const scenarios = await run(command, ['chaos', 'scenarios'], { cwd: project });
  t.regex(scenarios.stdout, /split-brain/);
});

/** The tarball that npm would publish, made from the build that is being tested. */
async function pack(folder: string): Promise<string> {
  const stage = join(folder, 'stage');
  for (const part of ['package.json', 'proto', 'chaos/scenarios', 'src/bin/fulcrum.mjs', 'LICENSE', 'README.md']) {
    if (existsSync(join(CHECKOUT, part))) await cp(join(CHECKOUT, part), join(stage, part), { recursive: true });
  }
  for (const part of ['src', 'cluster', 'chaos', 'bench', 'test']) {
    await cp(join(BUILT, part), join(stage, 'dist', part), { recursive: true });
  }
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: stage });
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  return join(folder, filename);
}

/** What the compiler or the program said is the reason, not that its exit code was not 0. */
function withOutput(error: Error & { readonly stdout?: string; readonly stderr?: string }): never {
  throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
}
