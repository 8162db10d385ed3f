/** The cluster file: a topology as JSON, beside the folders of its nodes. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import { writeFileAtomic } from './atomic-file.js';
import { parseTopology, type NodeTopology, type Topology } from './topology.js';

export const CLUSTER_FILE = 'cluster.json';

/** A topology and the absolute path of the file it came from. */
export interface ClusterFile {
  readonly file: string;
  readonly topology: Topology;
}

/** undefined where there is no such file. Throws INVALID_ARGUMENT for one that describes no cluster. */
export async function readClusterFile(path: string): Promise<ClusterFile | undefined> {
  const file = resolve(path);
  const text = await readIfThere(file);
  return text === undefined ? undefined : { file, topology: parseFile(file, text) };
}

export async function writeClusterFile(path: string, topology: Topology): Promise<ClusterFile> {
  const file = resolve(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify(topology, null, 2)}\n`);
  return { file, topology };
}

/** The absolute data folder of a node. */
export function folderOf(cluster: ClusterFile, node: NodeTopology): string {
  return resolve(dirname(cluster.file), node.folder);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FulcrumError(invalidArgument(`The cluster file ${file} cannot be read: ${(error as Error).message}`), {
      cause: error,
    });
  }
}

function parseFile(file: string, text: string): Topology {
  try {
    return parseTopology(JSON.parse(text));
  } catch (error) {
    const detail = (error as Error).message;
    throw new FulcrumError(invalidArgument(`The cluster file ${file} cannot be used. ${detail}`), { cause: error });
  }
}
