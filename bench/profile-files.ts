/** What the benchmark and the profiler in a node have agreed on. */
export const PROFILE_FOLDER_VARIABLE = 'FULCRUM_BENCH_PROFILE_FOLDER';
export const PROFILE_SIGNAL = 'SIGUSR2';

export function profileFile(pid: number): string {
  return `${pid}.cpuprofile`;
}
