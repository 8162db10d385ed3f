import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClientLimit } from '../src/core/client-limit.js';
import type { Policy } from '../src/core/policy.js';
import { CLUSTER_FILE, readClusterFile, writeClusterFile } from './cluster-file.js';
import { randomFreePorts } from './free-ports.js';
import { Janitor } from './janitor.js';
import { LocalCluster, startFailure, type Launched } from './local-cluster.js';
import { NODE_EXIT } from './node-exit.js';
import { plannedNodes, plannedTopology } from './planned-topology.js';
import { startNodes } from './start-nodes.js';
import { tlsIn, type TlsFiles } from './tls-fields.js';
import { clientTls } from './tls-files.js';
import type { Topology } from './topology.js';

/** Another program may take a port between the moment it was free and the moment the node binds it. */
const PORT_ATTEMPTS = 5;

export interface StartClusterOptions {
  /** Default 3. */
  readonly nodes?: number | undefined;
  /** Home replicas of a key. Default 3, or all nodes where there are fewer. */
  readonly replicas?: number | undefined;
  /** Default PC/EC. */
  readonly policy?: Policy | undefined;
  /** The share of the requests for which the cost of the other levels is found out, 0 to 1. Default 0.01; 0: off. */
  readonly counterfactuals?: number | undefined;
  /** How fast each client may ask each node; by default as fast as it can. */
  readonly clientLimit?: ClientLimit | undefined;
  /**
   * Files with the certificates of nodes and clients, as in a cluster file; their paths are relative to the current
   * folder, and `{id}` in those of `cert` and `key` stands for n1, n2, … By default connections are plain.
   */
  readonly tls?: TlsFiles | undefined;
  /** Where the data lives, and stays after stop(). By default a temporary folder that stop() removes. */
  readonly folder?: string | undefined;
}

/**
 * Starts a cluster of node processes on loopback and resolves once every node is ready.
 *
 * The nodes end with this process, however it ends. Several clusters may run side by side. Throws a
 * FulcrumError: INVALID_ARGUMENT for numbers that make no cluster, UNAVAILABLE with the end of the log of
 * the node that failed to start.
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<LocalCluster> {
  return new LocalCluster(await launchCluster(options));
}

/**
 * Puts something between the nodes, or between them and their clients, before they start: the topology that comes
 * back says where they are reached now. What it starts is for the janitor to watch. Asked again, with other ports,
 * where one was taken meanwhile.
 */
export type Rewire = (site: Site) => Promise<Topology>;

export interface Site {
  readonly topology: Topology;
  /** Of the cluster file; absolute. */
  readonly folder: string;
  readonly janitor: Janitor;
}

/** Starts the processes of {@link startCluster}. */
export async function launchCluster(options: StartClusterOptions, rewire?: Rewire): Promise<Launched> {
  const folder = await dataFolder(options.folder);
  const janitor = new Janitor(options.folder === undefined ? folder : undefined);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const planned = await plan(folder, options);
      const topology = rewire === undefined ? planned : await rewire({ topology: planned, folder, janitor });
      const cluster = await writeClusterFile(join(folder, CLUSTER_FILE), topology);
      // Before any process: what is wrong with a certificate is told at once.
      const tls = await clientTls(cluster);
      const started = await startNodes(cluster, { withParent: true, spawned: (child) => janitor.watch(child) });
      if (started.children !== undefined) return { cluster, children: started.children, janitor, tls };
      const clash = started.problem.exit?.code === NODE_EXIT.portTaken;
      if (!clash || attempt === PORT_ATTEMPTS) throw startFailure(started.problem.message);
    }
  } catch (error) {
    await janitor.finish();
    throw error;
  }
}

async function dataFolder(folder: string | undefined): Promise<string> {
  if (folder === undefined) return realpath(await mkdtemp(join(tmpdir(), 'fulcrum-')));
  await mkdir(folder, { recursive: true });
  return realpath(resolve(folder));
}

/** With fresh ports; the name of a folder that holds a cluster already is kept. */
async function plan(folder: string, options: StartClusterOptions): Promise<Topology> {
  const existing = (await readClusterFile(join(folder, CLUSTER_FILE)))?.topology;
  const count = plannedNodes(existing, options);
  const ports = await randomFreePorts(count * 2);
  const wanted = { ...options, tls: options.tls === undefined ? undefined : absolute(options.tls) };
  return plannedTopology(`local-${randomBytes(4).toString('hex')}`, existing, wanted, {
    grpc: ports.slice(0, count),
    http: ports.slice(count),
  });
}

/** The cluster file lies elsewhere, and its paths are relative to it. Throws INVALID_ARGUMENT. */
function absolute(given: TlsFiles): TlsFiles {
  const { ca, cert, key, client, ...rest } = tlsIn(given)!;
  return {
    ...rest,
    ca: resolve(ca),
    cert: resolve(cert),
    key: resolve(key),
    client: { cert: resolve(client.cert), key: resolve(client.key) },
  };
}
