/** The run file of a node: written into its data folder once it listens, removed when it stops cleanly. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from './atomic-file.js';
import { processStart, processState } from './process-state.js';

export interface RunFile {
  readonly node: string;
  readonly pid: number;
  /** When the process started, so that a later process with the same pid is not taken for it. */
  readonly start: string;
  readonly incarnation: string;
  readonly address: string;
  readonly http: string;
}

const FILE = 'run.json';

export async function writeRunFile(folder: string, run: Omit<RunFile, 'pid' | 'start'>): Promise<void> {
  const whole: RunFile = { ...run, pid: process.pid, start: processStart(process.pid) ?? '' };
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(whole, null, 2)}\n`);
}

export async function removeRunFile(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}

/** The process that serves this data folder; undefined where none runs, whatever an old run file says. */
export function runningNode(folder: string): RunFile | undefined {
  const run = readRunFile(folder);
  return run !== undefined && isAlive(run) ? run : undefined;
}

/** Whether the very process that wrote a run file still runs. */
export function isAlive(run: { readonly pid: number; readonly start: string }): boolean {
  return processState(run.pid) !== 'gone' && processStart(run.pid) === run.start;
}

function readRunFile(folder: string): RunFile | undefined {
  try {
    const run = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<RunFile> | null;
    return Number.isInteger(run?.pid) && typeof run?.start === 'string' ? (run as RunFile) : undefined;
  } catch {
    return undefined;
  }
}
