/**
 * Loaded into a node process before its program (NODE_OPTIONS=--import): SIGUSR2 begins a recording, and again SIGUSR2
 * ends it and writes PID.cpuprofile into the folder that the environment names. (--cpu-prof would record the start of
 * the process too, and Node 20 does not take it from NODE_OPTIONS.)
 */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CpuProfiler } from './cpu-profiler.js';
import { PROFILE_FOLDER_VARIABLE, PROFILE_SIGNAL, profileFile } from './profile-files.js';

const folder = process.env[PROFILE_FOLDER_VARIABLE];
let recording: CpuProfiler | undefined;

async function toggle(): Promise<void> {
  if (recording === undefined) {
    recording = new CpuProfiler();
    recording.start();
    return;
  }
  const ended = recording;
  recording = undefined;
  const path = join(folder ?? '.', profileFile(process.pid));
  await writeFile(`${path}.part`, JSON.stringify(await ended.stop()));
  await rename(`${path}.part`, path);
}

process.on(PROFILE_SIGNAL, () => void toggle());
