/** Reads the certificates that a cluster file, or a command line, names. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import type { Tls } from '../src/ports/tls.js';
import { checkedTls } from './checked-tls.js';
import type { TlsFiles } from './tls-fields.js';

/** One side's three files. */
export interface TlsPaths {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly name?: string | undefined;
}

/** A cluster file as far as its certificates go: where it is, and what it says of them. */
export interface TlsSource {
  readonly file: string;
  readonly topology: { readonly tls?: TlsFiles | undefined };
}

/** What a node shows to those who dial it, and to those it dials; undefined: connections are plain. */
export async function nodeTls({ file, topology: { tls } }: TlsSource, id: string): Promise<Tls | undefined> {
  if (tls === undefined) return undefined;
  const own = (path: string): string => path.replaceAll('{id}', id);
  return readTls({ ca: tls.ca, cert: own(tls.cert), key: own(tls.key), name: tls.name }, dirname(file));
}

/** What clients of this cluster show; undefined: connections are plain. */
export async function clientTls({ file, topology: { tls } }: TlsSource): Promise<Tls | undefined> {
  if (tls === undefined) return undefined;
  return readTls({ ca: tls.ca, ...tls.client, name: tls.name }, dirname(file));
}

/** Paths are relative to `folder`. Throws INVALID_ARGUMENT naming the file that is of no use, and why. */
export async function readTls({ ca, cert, key, name }: TlsPaths, folder: string): Promise<Tls> {
  const paths = { ca: resolve(folder, ca), cert: resolve(folder, cert), key: resolve(folder, key) };
  const [caPem, certPem, keyPem] = await Promise.all([read(paths.ca), read(paths.cert), read(paths.key)]);
  return checkedTls({ ca: caPem, cert: certPem, key: keyPem, name }, paths);
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : (cause as Error).message;
    const message = `TLS needs ${path}, which cannot be read: ${why}. Nothing was dialled. docs/operations.md says how to make certificates.`;
    throw new FulcrumError(invalidArgument(message), { cause });
  }
}
