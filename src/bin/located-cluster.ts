import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CLUSTER_FILE, readClusterFile, type ClusterFile } from '../../cluster/cluster-file.js';
import { clientTls, readTls } from '../../cluster/tls-files.js';
import { clientAddress } from '../../cluster/topology.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { Tls } from '../ports/tls.js';
import type { ClusterOptions, NodesOptions } from './arguments.js';

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

export interface Located {
  /** gRPC addresses of the nodes to talk to. */
  readonly nodes: readonly string[];
  /** What to show them; undefined: connections are plain. */
  readonly tls: Tls | undefined;
}

/** As {@link connect} takes it. */
export async function locateNodes(options: NodesOptions): Promise<Located> {
  const given = await givenTls(options);
  if (options.nodes !== undefined) return { nodes: options.nodes, tls: given };
  const cluster = await locateCluster(options);
  return { nodes: cluster.topology.nodes.map(clientAddress), tls: given ?? (await clientTls(cluster)) };
}

/** What --tls-ca, --tls-cert and --tls-key name; undefined: none of them is given. Throws INVALID_ARGUMENT. */
export async function givenTls({ tlsCa, tlsCert, tlsKey, tlsName }: NodesOptions): Promise<Tls | undefined> {
  if (tlsCa !== undefined && tlsCert !== undefined && tlsKey !== undefined)
    return readTls({ ca: tlsCa, cert: tlsCert, key: tlsKey, name: tlsName }, process.cwd());
  const given = { '--tls-ca': tlsCa, '--tls-cert': tlsCert, '--tls-key': tlsKey };
  const missing = Object.entries(given).flatMap(([option, file]) => (file === undefined ? [option] : []));
  if (missing.length === 3 && tlsName === undefined) return undefined;
  const message = `TLS takes --tls-ca, --tls-cert and --tls-key together, and ${missing.join(' and ')} is missing.`;
  throw new FulcrumError(invalidArgument(`${message} Nothing was dialled.`));
}

/** A folder stands for the cluster file in it. */
export function clusterPath(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !path.endsWith('.json');
  return isFolder ? join(path, CLUSTER_FILE) : path;
}
