/** Ending a node process, and being sure that it is gone. */
import { FulcrumError } from '../src/core/errors.js';
import type { EndSignal, NodeChild } from './node-child.js';
import { isAlive } from './run-file.js';
import { processState } from './process-state.js';
import { waitUntil } from './wait.js';

/** A node that has not stopped cleanly by then is killed; nothing acknowledged is lost either way. */
export const STOP_TIMEOUT_MS = 15_000;
const GONE_TIMEOUT_MS = 10_000;

/** A process found by its run file. */
export interface FoundProcess {
  readonly pid: number;
  readonly start: string;
}

/** Asks the process to stop and waits until it is gone. False where it had to be killed. */
export async function stopFound(found: FoundProcess): Promise<boolean> {
  return stop(
    (signal) => signalFound(found, signal),
    () => !isAlive(found),
    found.pid,
  );
}

/** SIGKILL, and waits until the process is gone. */
export async function killFound(found: FoundProcess): Promise<void> {
  signalFound(found, 'SIGKILL');
  await awaitGone(() => !isAlive(found), found.pid);
}

/** Asks a node started from here to stop and waits until it is gone. False where it had to be killed. */
export async function stopChild(child: NodeChild): Promise<boolean> {
  return stop(
    (signal) => child.kill(signal),
    () => child.exit !== undefined,
    child.pid,
  );
}

/** SIGKILL, and waits until the process is gone. */
export async function endNow(child: NodeChild): Promise<void> {
  child.kill('SIGKILL');
  await awaitGone(() => child.exit !== undefined, child.pid);
}

async function stop(signal: (name: EndSignal) => void, gone: () => boolean, pid: number): Promise<boolean> {
  signal('SIGTERM');
  // A paused process does not see SIGTERM before it goes on.
  signal('SIGCONT');
  if (await waitUntil(gone, STOP_TIMEOUT_MS)) return true;
  signal('SIGKILL');
  await awaitGone(gone, pid);
  return false;
}

function signalFound(found: FoundProcess, signal: EndSignal): void {
  if (!isAlive(found)) return;
  try {
    process.kill(found.pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function awaitGone(gone: () => boolean, pid: number): Promise<void> {
  if (await waitUntil(gone, GONE_TIMEOUT_MS)) return;
  throw new FulcrumError({
    code: 'TIMEOUT',
    message: `Process ${pid} is still ${processState(pid)} ${GONE_TIMEOUT_MS} ms after SIGKILL. End it by hand: kill -9 ${pid}`,
    definite: true,
    retryable: true,
  });
}
