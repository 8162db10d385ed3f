/** TLS in a cluster file: which files hold the certificates. */
import { FulcrumError, invalidArgument } from '../src/core/errors.js';

/** Paths, relative to the folder of the cluster file. */
export interface TlsFiles {
  /** Of the authority that has signed the certificates of all nodes and clients. */
  readonly ca: string;
  /** Of each node; `{id}` stands for its id. */
  readonly cert: string;
  readonly key: string;
  /** What clients show, the command among them. */
  readonly client: { readonly cert: string; readonly key: string };
  /** What the certificates of nodes must name; without it, each the host at which others dial it. */
  readonly name?: string | undefined;
}

const NAME_PATTERN = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** undefined: connections are plain. Throws INVALID_ARGUMENT saying what is wrong and what to do. */
export function tlsIn(tls: unknown): TlsFiles | undefined {
  if (tls === undefined) return undefined;
  const shape = '{ ca, cert, key, client: { cert, key } }';
  if (!isObject(tls)) throw refusal(`"tls" must be an object ${shape} that names files, not ${show(tls)}`);
  const { client, name } = tls;
  if (!isObject(client)) {
    throw refusal(`"tls.client" must be { cert, key }, the files with what clients show, not ${show(client)}`);
  }
  if (name !== undefined && (typeof name !== 'string' || !NAME_PATTERN.test(name))) {
    throw refusal(`"tls.name" must be the name in the certificates of nodes, or left out, not ${show(name)}`);
  }
  return {
    ca: pathIn(tls, 'ca', 'tls.ca'),
    cert: pathIn(tls, 'cert', 'tls.cert'),
    key: pathIn(tls, 'key', 'tls.key'),
    client: { cert: pathIn(client, 'cert', 'tls.client.cert'), key: pathIn(client, 'key', 'tls.client.key') },
    ...(name === undefined ? {} : { name }),
  };
}

function pathIn(object: Record<string, unknown>, field: string, where: string): string {
  const path = object[field];
  if (typeof path === 'string' && path !== '') return path;
  throw refusal(`"${where}" must name a file in PEM form, relative to the cluster file, not ${show(path)}`);
}

function refusal(problem: string): FulcrumError {
  return new FulcrumError(invalidArgument(`This is not a usable cluster: ${problem}.`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
