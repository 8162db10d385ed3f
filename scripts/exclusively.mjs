import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const POLL_MS = 100;
const GIVE_UP_MS = 600_000;

/** Runs `work` while holding `lockFile`, so that commands started together do not install or build over one another.
 * @template T
 * @param {string} lockFile
 * @param {() => T} work
 * @returns {T}
 */
export function exclusively(lockFile, work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const deadline = performance.now() + GIVE_UP_MS;
  while (!take(lockFile)) {
    const holder = holderOf(lockFile);
    if (holder !== undefined && !isAlive(holder)) rmSync(lockFile, { force: true });
    else if (performance.now() > deadline) throw new Error(`process ${holder ?? '?'} still holds ${lockFile}`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  try {
    return work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** @param {string} lockFile */
function take(lockFile) {
  const own = `${lockFile}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lockFile); // atomic, and never seen without its content
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** The process that holds the lock; undefined when it has just let go.
 * @param {string} lockFile
 */
function holderOf(lockFile) {
  try {
    return Number(readFileSync(lockFile, 'utf8')) || undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** @param {unknown} error @param {string} code */
const hasCode = (error, code) => error instanceof Error && 'code' in error && error.code === code;
