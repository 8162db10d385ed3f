import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { FulcrumError, invalidArgument } from '../core/errors.js';

/** Where exported lines go. */
export interface LineSink {
  write(text: string): Promise<void>;
  /** Everything is written: the file appears under its name. */
  commit(): Promise<void>;
  /** It did not work out: what was written is removed. */
  abandon(): Promise<void>;
}

/** A file that appears whole or not at all; "-" is standard output. Throws INVALID_ARGUMENT where it cannot be made. */
export async function openLineSink(file: string): Promise<LineSink> {
  return file === '-' ? stdoutSink() : fileSink(file);
}

function stdoutSink(): LineSink {
  return {
    write: async (text) => {
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    },
    commit: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

async function fileSink(file: string): Promise<LineSink> {
  const beside = `${file}.${process.pid}.part`;
  const handle = await open(beside, 'w').catch((error: unknown) => {
    throw new FulcrumError(invalidArgument(`${file} cannot be written: ${(error as Error).message}`), { cause: error });
  });
  return {
    write: (text) => handle.writeFile(text),
    commit: async () => {
      await handle.sync();
      await handle.close();
      await rename(beside, file);
    },
    abandon: async () => {
      await handle.close();
      await rm(beside, { force: true });
    },
  };
}
