/**
 * A node's data folder says whose it is, so that a node never serves from another's records: its promises
 * would be counted twice (PROTOCOL.md rules 2 and 18).
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FulcrumError } from '../core/errors.js';
import type { Random } from '../ports/random.js';
import { openFailure } from './store-failures.js';

export interface DataFolderOptions {
  /** Created if it is missing. */
  readonly folder: string;
  readonly cluster: string;
  readonly node: string;
  readonly random: Random;
}

export interface DataFolder {
  /** Drawn when the folder was created: a folder that was lost and made again has another one. */
  readonly folderId: string;
}

interface Identity extends DataFolder {
  readonly cluster: string;
  readonly node: string;
}

const IDENTITY_FILE = 'identity.json';

/** Throws {@link FulcrumError} for the folder of another node or cluster, and where it cannot be written. */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const folder = resolve(options.folder);
  try {
    await mkdir(folder, { recursive: true });
    const identity = (await readIdentity(folder)) ?? (await createIdentity(folder, options));
    if (identity.cluster !== options.cluster || identity.node !== options.node) {
      throw wrongFolder(folder, identity, options);
    }
    return { folderId: identity.folderId };
  } catch (error) {
    throw error instanceof FulcrumError ? error : openFailure(folder, error);
  }
}

async function readIdentity(folder: string): Promise<Identity | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, IDENTITY_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const identity = parseIdentity(text);
  if (identity === undefined) throw unreadable(folder);
  return identity;
}

async function createIdentity(folder: string, { cluster, node, random }: DataFolderOptions): Promise<Identity> {
  const identity: Identity = { cluster, node, folderId: random.hex64() };
  const draft = join(folder, `${IDENTITY_FILE}.${identity.folderId}`);
  const file = await open(draft, 'wx');
  try {
    await file.writeFile(`${JSON.stringify(identity, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, IDENTITY_FILE));
  await syncFolder(folder);
  await syncFolder(dirname(folder));
  return identity;
}

/** A name in a folder is durable when the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseIdentity(text: string): Identity | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const { cluster, node, folderId } = found as { [key: string]: unknown };
  if (typeof cluster !== 'string' || typeof node !== 'string' || typeof folderId !== 'string') return undefined;
  return { cluster, node, folderId };
}

function wrongFolder(folder: string, found: Identity, wanted: DataFolderOptions): FulcrumError {
  return refusal(
    `The data folder ${folder} belongs to node ${found.node} of cluster ${found.cluster}, not to node ${wanted.node} ` +
      `of cluster ${wanted.cluster}. Nothing was changed. Give this node a folder of its own.`,
  );
}

function unreadable(folder: string): FulcrumError {
  return refusal(
    `The file ${join(folder, IDENTITY_FILE)} does not say whose folder this is. Nothing was changed. Restore that file, ` +
      'or give this node an empty folder and a new node id.',
  );
}

function refusal(message: string): FulcrumError {
  return new FulcrumError({ code: 'INVALID_ARGUMENT', message, definite: true, retryable: false });
}
