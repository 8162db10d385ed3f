/** The log of one node, `node.log` in its data folder: JSON lines, as the process writes them to stderr. */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FulcrumError } from '../src/core/errors.js';

const TAIL_BYTES = 64 * 1024;
/** A log above this is set aside as node.log.1 when its node starts. */
const ROTATE_BYTES = 16 * 1024 * 1024;

export function logFileOf(folder: string): string {
  return join(folder, 'node.log');
}

/** Opens the log for appending; the caller closes the descriptor. Throws UNAVAILABLE where it cannot be written. */
export function openLog(folder: string): number {
  try {
    return open(folder);
  } catch (error) {
    const message = `The folder ${folder} cannot be written: ${(error as Error).message}. Nothing was changed. Give this user the right to write there.`;
    throw new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false }, { cause: error });
  }
}

function open(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const file = logFileOf(folder);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

/** The last lines, as a person reads them; empty where there is no log. */
export function logTail(folder: string, lines = 8): string[] {
  return readEnd(logFileOf(folder)).split('\n').filter(Boolean).slice(-lines).map(readable);
}

function readEnd(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

interface LogLine {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly error?: { readonly message?: string; readonly stack?: string };
}

/** One JSON line as `time level message: error`; any other line as it is. */
function readable(line: string): string {
  try {
    const { level, time, msg, error } = JSON.parse(line) as LogLine;
    if (msg === undefined) return line;
    return [time, level, msg].filter(Boolean).join(' ') + (error?.message === undefined ? '' : `: ${error.message}`);
  } catch {
    return line;
  }
}
