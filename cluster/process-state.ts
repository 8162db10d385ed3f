/** What the operating system says about a process, by its pid. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `stopped`: paused by SIGSTOP. A zombie, which nobody has waited for yet, counts as gone. */
export type ProcessState = 'running' | 'stopped' | 'gone';

const linux = process.platform === 'linux';

export function processState(pid: number): ProcessState {
  const state = linux ? procStat(pid)?.[0] : ps(pid, 'state=');
  if (state === undefined || state === '' || /^[ZX]/.test(state)) return 'gone';
  return /^T/i.test(state) ? 'stopped' : 'running';
}

/**
 * Tells this process from a later one that was given the same pid: when it started. undefined where no such
 * process runs.
 */
export function processStart(pid: number): string | undefined {
  if (!linux) return ps(pid, 'lstart=');
  // Field 22 of /proc/PID/stat, in clock ticks since the boot that boot_id names.
  const ticks = procStat(pid)?.[19];
  return ticks === undefined ? undefined : `${bootId()}-${ticks}`;
}

/** The fields of /proc/PID/stat from the third on: the second, the command's name, may hold spaces. */
function procStat(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().slice(0, 8);
  } catch {
    return 'boot';
  }
}

function ps(pid: number, field: string): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', field, '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    return text.toString().trim() || undefined;
  } catch {
    return undefined;
  }
}
