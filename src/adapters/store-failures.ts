/** What LevelDB and the file system report, as errors that say what it means for the data and what to do. */
import { FulcrumError } from '../core/errors.js';

/** A failure while a store or its folder was being opened: nothing was changed. */
export function openFailure(folder: string, cause: unknown): FulcrumError {
  return new FulcrumError(
    { code: 'UNAVAILABLE', message: openMessage(folder, cause), definite: true, retryable: false },
    { cause },
  );
}

/** A write that failed may be found after a restart; whatever was acknowledged before it is kept. */
export function writeFailure(folder: string, cause: unknown): FulcrumError {
  const reason = isDiskFull(cause) ? 'the disk is full' : innermostMessage(cause);
  return new FulcrumError(
    {
      code: 'UNAVAILABLE',
      message:
        `The store in ${folder} could not write: ${reason}. Everything acknowledged before is kept, this write may be; ` +
        `no further one is taken. ${isDiskFull(cause) ? 'Free some space' : 'Check the disk'}, then restart the node.`,
      definite: false,
      retryable: false,
    },
    { cause },
  );
}

export function readFailure(folder: string, cause: unknown): FulcrumError {
  return new FulcrumError(
    {
      code: 'UNAVAILABLE',
      message: `The store in ${folder} could not be read: ${innermostMessage(cause)}. Nothing was changed. Check the disk.`,
      definite: true,
      retryable: false,
    },
    { cause },
  );
}

export function closedFailure(): FulcrumError {
  const message = 'The store is closed because its node is stopping. Nothing was changed. Ask another node.';
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false });
}

function openMessage(folder: string, cause: unknown): string {
  const codes = codesOf(cause);
  const reason = innermostMessage(cause);
  if (codes.includes('LEVEL_LOCKED')) {
    return (
      `The store in ${folder} is in use by another process, probably a node that is still running. Nothing was changed. ` +
      'Stop that process or give this node another folder.'
    );
  }
  if (isReadOnly(codes, reason)) {
    return `The folder ${folder} cannot be written: ${reason}. Nothing was changed. Give this user the right to write there.`;
  }
  if (isDiskFull(cause)) {
    return `The store in ${folder} cannot be opened: the disk is full. What it holds is kept. Free some space and start again.`;
  }
  if (codes.includes('LEVEL_CORRUPTION') || /corruption|missing files/i.test(reason)) {
    return (
      `The store in ${folder} is damaged: ${reason}. It was not opened. Keep a copy of the folder, then start the node ` +
      'with an empty folder and a new node id, never the old one: the cluster would count promises that it no longer knows.'
    );
  }
  return `The store in ${folder} cannot be opened: ${reason}. What it holds was not changed. Check the folder and the disk.`;
}

function isReadOnly(codes: readonly string[], reason: string): boolean {
  const denied = codes.some((code) => code === 'EACCES' || code === 'EPERM' || code === 'EROFS');
  return denied || /permission denied|read-only file system|operation not permitted/i.test(reason);
}

/** LevelDB has no code for it: the system's own text is all there is. */
function isDiskFull(error: unknown): boolean {
  return (
    codesOf(error).includes('ENOSPC') || /no space left on device|disk quota exceeded/i.test(innermostMessage(error))
  );
}

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  return chain(error).flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : []));
}

/** What the innermost cause says: abstract-level wraps it into "Database failed to open". */
function innermostMessage(error: unknown): string {
  return chain(error).at(-1)?.message ?? String(error);
}

function chain(error: unknown): Error[] {
  const errors: Error[] = [];
  for (let one = error; one instanceof Error && errors.length < 8; one = one.cause) errors.push(one);
  return errors;
}
