/** Which `up` in the foreground looks after a cluster, and which nodes it has been asked to start again. */
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from './atomic-file.js';
import type { ClusterFile } from './cluster-file.js';
import { processStart } from './process-state.js';
import { isAlive } from './run-file.js';
import type { FoundProcess } from './stop-node.js';

/** Tells the supervisor to look for nodes it has been asked to start. */
export const RESTART_SIGNAL = 'SIGUSR2';
const RESTART_MARK = 'restart';

export async function writeSupervisorFile(cluster: ClusterFile): Promise<void> {
  const self: FoundProcess = { pid: process.pid, start: processStart(process.pid) ?? '' };
  await writeFileAtomic(fileOf(cluster), `${JSON.stringify(self)}\n`);
}

export async function removeSupervisorFile(cluster: ClusterFile): Promise<void> {
  await rm(fileOf(cluster), { force: true });
}

/** undefined where nobody looks after this cluster in the foreground. */
export function runningSupervisor(cluster: ClusterFile): FoundProcess | undefined {
  try {
    const found = JSON.parse(readFileSync(fileOf(cluster), 'utf8')) as Partial<FoundProcess> | null;
    if (typeof found?.pid !== 'number' || typeof found.start !== 'string') return undefined;
    return isAlive(found as FoundProcess) ? (found as FoundProcess) : undefined;
  } catch {
    return undefined;
  }
}

/** Asks the supervisor to start the node that keeps its data in this folder. */
export async function requestRestart(supervisor: FoundProcess, folder: string): Promise<void> {
  await writeFile(join(folder, RESTART_MARK), '');
  process.kill(supervisor.pid, RESTART_SIGNAL);
}

/** Whether the start of this node has been asked for; the question takes the request back. */
export async function takeRestartRequest(folder: string): Promise<boolean> {
  const mark = join(folder, RESTART_MARK);
  if (!existsSync(mark)) return false;
  await rm(mark, { force: true });
  return true;
}

function fileOf(cluster: ClusterFile): string {
  return join(dirname(cluster.file), 'up.json');
}
