import { NODE_EXIT } from '../../cluster/node-exit.js';
import { FulcrumError, type ErrorCode } from '../core/errors.js';

/** Why a node could not start, in words for whoever started it, and the exit code that says so. */
export class StartFailure extends FulcrumError {
  readonly exitCode: number;

  constructor(exitCode: number, code: ErrorCode, cause: unknown, message = messageOf(cause)) {
    super({ code, message, definite: true, retryable: false }, { cause });
    this.exitCode = exitCode;
  }
}

/** The cluster file or the id are of no use. */
export async function configured<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new StartFailure(NODE_EXIT.badConfiguration, 'INVALID_ARGUMENT', error);
  });
}

/** The data folder or the store in it cannot be used: its own message says why. */
export async function opened<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const code = error instanceof FulcrumError ? error.code : 'UNAVAILABLE';
    throw new StartFailure(NODE_EXIT.folderUnusable, code, error);
  });
}

/** The server cannot listen at this address, most often because another program does. */
export async function listening<T>(server: string, address: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!isTaken(error)) {
      const message = `The ${server} server cannot listen at ${address}: ${messageOf(error)}. Nothing was changed.`;
      throw new StartFailure(NODE_EXIT.badConfiguration, 'UNAVAILABLE', error, message);
    }
    const message = `The ${server} address ${address} is taken by another program. Nothing was changed. End it, or choose another port.`;
    throw new StartFailure(NODE_EXIT.portTaken, 'UNAVAILABLE', error, message);
  });
}

function isTaken(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ((one as NodeJS.ErrnoException).code === 'EADDRINUSE' || one.message.includes('EADDRINUSE')) return true;
  }
  return false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
