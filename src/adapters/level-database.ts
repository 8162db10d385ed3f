/** A LevelDB folder: how it is tuned, what its keys begin with, and what may go wrong when it is opened. */
import { mkdir, readdir } from 'node:fs/promises';
import { Level } from 'level';
import { FulcrumError } from '../core/errors.js';
import { checkLogs } from './level-log.js';
import { openFailure } from './store-failures.js';

/** What a key begins with: one byte of our own costs a third of what a sublevel does. */
export const RECORD_PREFIX = 'r';
/** The first key that is no record any more. */
export const RECORDS_END = 's';
/** When values expire: the time as digits, then the key. */
export const EXPIRY_PREFIX = 'e';
/** Notes: the space's letter, then the name. */
export const NOTE_PREFIX = 'n';
const METADATA_PREFIX = 'm';

const FORMAT_KEY = `${METADATA_PREFIX}format`;
const FORMAT = '2';

const MEBIBYTE = 1024 * 1024;

export interface LevelTuning {
  /** Decompressed blocks kept in memory; 64 MiB unless told. Hot registers are cached above the store already. */
  readonly cacheBytes?: number | undefined;
  /** What is kept in memory, and in the log, before it becomes a sorted file; 16 MiB unless told. */
  readonly writeBufferBytes?: number | undefined;
  /** Whether blocks are compressed with Snappy; true unless told. */
  readonly compression?: boolean | undefined;
}

/** Keys are UTF-8, so that their order is that of their bytes; values are bytes. */
export type LevelDatabase = Level<string, Uint8Array> & {
  /** Every LevelDB has it; the types of `level` leave it out because browsers do not. */
  getSync(key: string): Uint8Array | undefined;
};

/** Throws {@link FulcrumError} when the folder is in use, cannot be written, is damaged, or of a later version. */
export async function openLevelDatabase(folder: string, tuning: LevelTuning): Promise<LevelDatabase> {
  let database: LevelDatabase | undefined;
  try {
    await checkWhole(folder);
    database = levelAt(folder, tuning);
    await database.open();
    await checkFormat(database, folder);
    return database;
  } catch (error) {
    await database?.close();
    throw error instanceof FulcrumError ? error : openFailure(folder, error);
  }
}

/** Begins to open by itself, and makes what is missing: only for a folder that was checked. */
function levelAt(folder: string, tuning: LevelTuning): LevelDatabase {
  return new Level<string, Uint8Array>(folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    compression: tuning.compression ?? true,
    cacheSize: tuning.cacheBytes ?? 64 * MEBIBYTE,
    writeBufferSize: tuning.writeBufferBytes ?? 16 * MEBIBYTE,
    maxFileSize: 16 * MEBIBYTE,
    maxOpenFiles: 1000,
  });
}

/** LevelDB takes a folder whose root file was lost for an empty one, and forgets what is in it; so it does with a log. */
async function checkWhole(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = await readdir(folder);
  if (!files.includes('CURRENT') && files.some((file) => /^\d+\.(log|ldb|sst)$/.test(file)))
    throw new Error('corruption: the file CURRENT is missing');
  await checkLogs(folder);
}

async function checkFormat(database: LevelDatabase, folder: string): Promise<void> {
  const found = database.getSync(FORMAT_KEY);
  if (found === undefined) {
    await database.put(FORMAT_KEY, new TextEncoder().encode(FORMAT), { sync: true });
    return;
  }
  const format = new TextDecoder().decode(found);
  if (format === FORMAT) return;
  throw new FulcrumError({
    code: 'UNAVAILABLE',
    message:
      `The store in ${folder} has format ${format}; this version of Fulcrum reads format ${FORMAT}. ` +
      'Nothing was changed. Start the version that wrote it.',
    definite: true,
    retryable: false,
  });
}
