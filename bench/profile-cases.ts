/** Runs cases with a profiler in every process, and says where the time went. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { waitFor } from '../cluster/wait.js';
import type { BenchOptions } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { caseOperations } from './case-operations.js';
import { CpuProfiler, type CpuProfile } from './cpu-profiler.js';
import { KeyPicks } from './key-picks.js';
import { measure, type MeasuredProcess } from './measure.js';
import { planOf, type Case, type Selection } from './plan.js';
import { PROFILE_FOLDER_VARIABLE, PROFILE_SIGNAL, profileFile } from './profile-files.js';
import { summarize, summaryText, type ProfileSummary } from './profile-summary.js';
import type { WorkloadName } from './workloads.js';

export interface CaseProfile extends Case {
  /** Slower than without profilers. */
  readonly opsPerSecond: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly processes: readonly (ProfileSummary & { readonly name: string; readonly file: string })[];
  /** The same as text; also in the folder. */
  readonly summary: string;
}

/** Where nothing was chosen. */
const PROFILED: readonly WorkloadName[] = ['get-one', 'put-quorum'];
const WRITE_TIMEOUT_MS = 30_000;
const PRELOAD = new URL('./node-profiler.js', import.meta.url);

/** Each case on a cluster of its own. Writes a .cpuprofile for each process, for the tools of Chromium, and a summary. */
export async function profileCases(options: BenchOptions, folder: string): Promise<CaseProfile[]> {
  const profiles: CaseProfile[] = [];
  for (const { cases } of planOf(profiledSelection(options.selection)).groups) {
    for (const one of cases) {
      process.stderr.write(`profiling ${titleOf(one)}\n`);
      profiles.push(await profileCase(one, options, resolve(folder)));
    }
  }
  return profiles;
}

function profiledSelection(selection: Selection): Selection {
  return selection.full ? selection : { ...selection, workloads: selection.workloads ?? PROFILED };
}

async function profileCase(one: Case, options: BenchOptions, folder: string): Promise<CaseProfile> {
  const name = `${one.workload}-${one.distribution}-${one.valueBytes}-${one.concurrency}`;
  const into = join(folder, name);
  await mkdir(into, { recursive: true });
  await using target = await startProfiled(options, into);
  const { space, values } = await target.load(one.valueBytes, options.keys, options.seed);
  const keys = new KeyPicks(space, one.distribution, options.seed);
  const operations = await caseOperations(target, one, { keys, values, seed: options.seed });
  const { processes } = target;
  const recording = new Recording(processes.slice(1), into);
  const measureMs = options.seconds * 1_000;
  const window = { begin: () => recording.begin(), end: () => recording.end() };
  const plan = { concurrency: one.concurrency, warmupMs: measureMs, measureMs, processes, window };
  const { opsPerSecond, errors } = await measure(operations, plan);
  const summaries = recording.profiles.map(({ process, file, profile }) => ({
    name: process,
    file,
    ...summarize(profile),
  }));
  const failed = Object.entries(errors).map(([code, count]) => `, ! ${code} ${count}`);
  const title = `${titleOf(one)}, ${Math.round(opsPerSecond)} ops/s while profiled${failed.join('')}`;
  const texts = summaries.map((summary) => summaryText(summary.name, summary));
  const summary = [title, '', ...texts].join('\n');
  await writeFile(join(folder, `${name}.txt`), summary);
  return { ...one, opsPerSecond, errors, processes: summaries, summary };
}

function titleOf({ workload, distribution, valueBytes, concurrency }: Case): string {
  return `${workload}, ${distribution} keys, ${valueBytes} B, ${concurrency} under way`;
}

/** Node processes inherit the environment of this one. */
async function startProfiled(options: BenchOptions, folder: string): Promise<BenchCluster> {
  const { NODE_OPTIONS: before } = process.env;
  process.env['NODE_OPTIONS'] = `${before ?? ''} --import ${PRELOAD.href}`.trim();
  process.env[PROFILE_FOLDER_VARIABLE] = folder;
  try {
    return await BenchCluster.start(options);
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the way to take a variable back
    delete process.env[PROFILE_FOLDER_VARIABLE];
  }
}

interface RecordedProfile {
  readonly process: string;
  readonly file: string;
  readonly profile: CpuProfile;
}

/** One recording in all processes at the same time. */
class Recording {
  readonly profiles: RecordedProfile[] = [];
  readonly #nodes: readonly MeasuredProcess[];
  readonly #folder: string;
  readonly #own = new CpuProfiler();

  constructor(nodes: readonly MeasuredProcess[], folder: string) {
    this.#nodes = nodes;
    this.#folder = folder;
  }

  async begin(): Promise<void> {
    for (const { pid } of this.#nodes) process.kill(pid, PROFILE_SIGNAL);
    this.#own.start();
  }

  async end(): Promise<void> {
    for (const { pid } of this.#nodes) process.kill(pid, PROFILE_SIGNAL);
    const own = await this.#own.stop();
    const file = join(this.#folder, profileFile(process.pid));
    await writeFile(file, JSON.stringify(own));
    this.profiles.push({ process: 'client', file, profile: own });
    for (const node of this.#nodes) this.profiles.push(await this.#written(node));
  }

  async #written({ name, pid }: MeasuredProcess): Promise<RecordedProfile> {
    const file = join(this.#folder, profileFile(pid));
    const profile = await waitForFile(file);
    return { process: name, file, profile };
  }
}

/** Written under another name first, so that it is whole once it is there. */
async function waitForFile(file: string): Promise<CpuProfile> {
  const text = await waitFor(() => readFile(file, 'utf8').catch(() => undefined), WRITE_TIMEOUT_MS);
  if (text !== undefined) return JSON.parse(text) as CpuProfile;
  throw new Error(`No profile appeared at ${file} within ${WRITE_TIMEOUT_MS} ms. Is the node still running?`);
}
