/** SIGSTOP and SIGCONT, confirmed by the state of the process. */
import { FulcrumError } from '../src/core/errors.js';
import { processState } from './process-state.js';
import { waitUntil } from './wait.js';

const CONFIRM_TIMEOUT_MS = 5_000;

export async function pauseProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await confirm(pid, () => processState(pid) === 'stopped', 'pause');
}

export async function resumeProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGCONT');
  await confirm(pid, () => processState(pid) === 'running', 'go on');
}

async function confirm(pid: number, holds: () => boolean, what: string): Promise<void> {
  if (await waitUntil(holds, CONFIRM_TIMEOUT_MS)) return;
  throw new FulcrumError({
    code: 'TIMEOUT',
    message: `Process ${pid} did not ${what} within ${CONFIRM_TIMEOUT_MS} ms; it is ${processState(pid)}.`,
    definite: true,
    retryable: true,
  });
}
