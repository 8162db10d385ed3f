/** Processor time that other processes have used. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Linux reports in ticks of USER_HZ, which is 100 on every platform that Node runs on. */
const MICROS_PER_TICK = 10_000;

/** User and system time of all threads so far, in microseconds; null where it cannot be read. */
export function cpuMicrosOf(pid: number): number | null {
  if (pid === process.pid) return ownCpuMicros();
  try {
    if (process.platform === 'linux') return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return parsePsTime(execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

/** proc(5): fields 14 and 15, counted from behind the name, which may hold spaces and brackets. */
export function parseProcStat(text: string): number | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * MICROS_PER_TICK : null;
}

/** `[[dd-]hh:]mm:ss[.cc]` */
export function parsePsTime(text: string): number | null {
  const match = /^\s*(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(text);
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return Math.round((((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1_000_000);
}

function ownCpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
