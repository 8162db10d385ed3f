import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CLUSTER_FILE, readClusterFile, type ClusterFile } from '../../cluster/cluster-file.js';
import { clientAddress } from '../../cluster/topology.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { ClientOptions, ClusterOptions } from './arguments.js';

export const FOLDER_DEFAULT = '.fulcrum';

/** The cluster of --cluster, FULCRUM_CLUSTER or the current folder. Throws INVALID_ARGUMENT where there is none. */
export async function locateCluster(options: ClusterOptions): Promise<ClusterFile> {
  const path = clusterPath(options.cluster ?? FOLDER_DEFAULT);
  const cluster = await readClusterFile(path);
  if (cluster !== undefined) return cluster;
  throw new FulcrumError(
    invalidArgument(
      `There is no cluster at ${relative('', path) || path}. ` +
        'Start one with `npx fulcrum up`, or name one with --cluster FILE or --nodes host:port,…',
    ),
  );
}

/** gRPC addresses of the nodes to talk to. */
export async function locateNodes(options: ClientOptions): Promise<readonly string[]> {
  if (options.nodes !== undefined) return options.nodes;
  const cluster = await locateCluster(options);
  return cluster.topology.nodes.map(clientAddress);
}

/** A folder stands for the cluster file in it. */
export function clusterPath(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !path.endsWith('.json');
  return isFolder ? join(path, CLUSTER_FILE) : path;
}
