/**
 * Ports that belong to somebody although nobody listens on them now: those of a killed node, which wants them back.
 * Processes of this machine that draw ports at random tell each other by a file for each port, with the owner's pid.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processState } from './process-state.js';

const FOLDER = join(tmpdir(), 'fulcrum-ports');

/**
 * Claims a port for as long as this process lives. False: a living process, perhaps this one, has it already. Where no
 * claims can be kept, as in a folder of another user, every port is given.
 */
export function claimPort(port: number, folder = FOLDER): boolean {
  const file = join(folder, String(port));
  try {
    mkdirSync(folder, { recursive: true });
    write(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
  }
  return takeOver(file);
}

/** Two that take over the same claim of a dead process both have it: they still have to bind the port. */
function takeOver(file: string): boolean {
  try {
    if (processState(Number(readFileSync(file, 'utf8'))) !== 'gone') return false;
    rmSync(file);
    write(file);
  } catch {
    // Gone, or not ours to write.
  }
  return true;
}

/** Never into what is there: in a folder that all may write to, it may be a link to something else. */
function write(file: string): void {
  writeFileSync(file, String(process.pid), { flag: 'wx' });
}
