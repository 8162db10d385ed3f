import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Client } from '../index.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { ClientOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { linesOf, type Line } from './lines.js';
import { parseLine, type Pair } from './ndjson-line.js';
import type { Output } from './output.js';
import { startProgress } from './progress.js';
import { describeRate, rateOf } from './rate.js';
import { BULK_TIMEOUTS, withClient } from './with-client.js';
import { WriteWindow } from './write-window.js';

const MEGABYTE = 1_000_000;
const WARNINGS_MAX = 10;
/** Lines between two looks at the progress bar. */
const PROGRESS_LINES = 500;

export interface ImportOptions extends ClientOptions {
  readonly concurrency: number;
  readonly skipInvalid?: boolean;
}

/** Sends the lines in order, several at once; stops at the first that cannot be used or stored. */
export async function importFile(file: string, options: ImportOptions, output: Output): Promise<ExitCode> {
  const bytes = file === '-' ? undefined : await sizeOf(file);
  const since = performance.now();
  const read = (client: Client): Promise<Imported> => importLines(file, bytes, client, options, output);
  const done = await withClient(options, read, BULK_TIMEOUTS);
  const rate = rateOf(done.imported, since);
  const skipped = done.skipped.length === 0 ? '' : `; ${done.skipped.length} lines skipped`;
  output.result(
    { file, imported: done.imported, skipped: done.skipped.length, skippedLines: done.skipped, ...rate },
    `imported ${describeRate(done.imported, rate)}${skipped}`,
  );
  return EXIT.done;
}

interface Imported {
  readonly imported: number;
  /** Numbers of the lines that could not be used. */
  readonly skipped: readonly number[];
}

async function importLines(
  file: string,
  bytes: number | undefined,
  client: Client,
  options: ImportOptions,
  output: Output,
): Promise<Imported> {
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 });
  const progress = startProgress(`import ${file}`, bytes, 'MB', MEGABYTE);
  const window = new WriteWindow(client, options.concurrency, options.level);
  const skipped: number[] = [];
  try {
    for await (const line of linesOf(input)) {
      const pair = usable(line, options, skipped, output);
      if (pair !== undefined) await window.write(line.number, pair);
      if (line.number % PROGRESS_LINES === 0) progress.update(line.end);
    }
    await window.finish();
    return { imported: window.written, skipped };
  } catch (error) {
    await window.settle();
    throw stoppedAt(error, window.written);
  } finally {
    progress.stop();
    input.destroy();
  }
}

/** undefined for an empty line, and for one that is skipped. */
function usable(line: Line, options: ImportOptions, skipped: number[], output: Output): Pair | undefined {
  const { number, text } = line;
  try {
    if (text === undefined) throw new FulcrumError(invalidArgument('it is not UTF-8'));
    return text.trim() === '' ? undefined : parseLine(text);
  } catch (error) {
    const problem = `Line ${number} cannot be used: ${(error as Error).message}.`;
    if (options.skipInvalid !== true) throw new FulcrumError(invalidArgument(problem), { cause: error });
    skipped.push(number);
    if (skipped.length <= WARNINGS_MAX) output.note(`${problem} Skipped.`);
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    throw new FulcrumError(invalidArgument(`${file} cannot be read: ${(error as Error).message}`), { cause: error });
  });
  if (!found.isDirectory()) return found.size;
  throw new FulcrumError(invalidArgument(`${file} is a folder; name an NDJSON file.`));
}

/** Adds how far the import came: running it again from there, or from the beginning, is safe. */
function stoppedAt(error: unknown, written: number): unknown {
  if (!(error instanceof FulcrumError)) return error;
  const message = `${error.message} ${written} lines were stored before; nothing more was sent. Importing again is safe.`;
  return new FulcrumError({ ...error.toJSON(), message }, { cause: error });
}
