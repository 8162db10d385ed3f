/** The machine that the figures belong to, and what on it makes them mean less. */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

export interface MachineFacts {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  /** Runnable processes, averaged over the last minute before the run. */
  readonly loadAverage: number;
  /** Median of writing 4 KiB and waiting until they are on the disk, in the folder of the data. */
  readonly syncMs: number;
  /** The data lies in memory: waiting for the disk costs nothing. */
  readonly dataInMemory: boolean;
}

/** Above this share of the cores, others are in the way. */
const BUSY_SHARE = 0.25;
const SYNC_SAMPLES = 25;
/** f_type of tmpfs and ramfs (statfs(2)). */
const MEMORY_FILE_SYSTEMS = [0x01021994, 0x858458f6];

/** `loadAverage`: read before the cluster was started. */
export function machineFacts(folder: string, loadAverage: number): MachineFacts {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    loadAverage,
    syncMs: medianSyncMs(folder),
    dataInMemory: platform() === 'linux' && MEMORY_FILE_SYSTEMS.includes(statfsSync(folder).type),
  };
}

export function currentLoad(): number {
  return loadavg()[0] ?? 0;
}

export function machineWarnings({ cores, loadAverage, dataInMemory }: MachineFacts): string[] {
  const warnings: string[] = [];
  if (loadAverage > cores * BUSY_SHARE) {
    const load = loadAverage.toFixed(1);
    warnings.push(
      `The machine was busy before the run began (load average ${load} on ${cores} cores): figures mean little.`,
    );
  }
  if (dataInMemory) {
    warnings.push('The data is on a file system in memory, so durable writes cost no disk: set TMPDIR to a real disk.');
  }
  return warnings;
}

/** What processes other than the measured ones used while a run went on. */
export function othersWarning(othersCores: number | null, cores: number): string | undefined {
  if (othersCores === null || othersCores <= cores * BUSY_SHARE) return undefined;
  return `Other programs used ${othersCores.toFixed(1)} of ${cores} cores during the run: figures mean little.`;
}

/** Time that all cores spent on anything but waiting, in milliseconds since the machine started. */
export function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

function medianSyncMs(folder: string): number {
  const path = join(folder, 'sync-probe');
  const block = Buffer.alloc(4096, 1);
  const file = openSync(path, 'w');
  try {
    const samples = Array.from({ length: SYNC_SAMPLES }, () => {
      const startedMs = performance.now();
      writeSync(file, block);
      fsyncSync(file);
      return performance.now() - startedMs;
    });
    return samples.sort((a, b) => a - b)[Math.floor(SYNC_SAMPLES / 2)]!;
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
