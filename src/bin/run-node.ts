/** Composition root of one node: its folder, store, links, servers and log, wired together. */
import { folderOf, readClusterFile, type ClusterFile } from '../../cluster/cluster-file.js';
import { nodeTls } from '../../cluster/tls-files.js';
import { nodeNamed, type NodeTopology } from '../../cluster/topology.js';
import { createLogger } from '../adapters/logger.js';
import { systemRandom } from '../adapters/system-random.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { endAfterDiskFailure, endAsStranger, endOnSignals, endWithParent, reportCrashes } from './process-end.js';
import { NodeAssembly } from './node-assembly.js';
import { configured } from './start-failure.js';

export interface RunNodeOptions {
  readonly configFile: string;
  readonly id: string;
  /** Default `info`. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | undefined;
  /** End when standard input ends. */
  readonly withParent?: boolean | undefined;
}

export interface RunningNode {
  readonly id: string;
  readonly address: string;
  readonly http: string;
  /** Resolves once the node has stopped, by a signal or with its parent. */
  readonly ended: Promise<void>;
}

/** Resolves once the node listens. Throws a StartFailure with the reason and an exit code. */
export async function runNode(options: RunNodeOptions): Promise<RunningNode> {
  const { cluster, node } = await configured(findNode(options));
  const tls = await configured(nodeTls(cluster, node.id));
  const self = { node: node.id, incarnation: systemRandom.hex64() };
  const fields = { cluster: cluster.topology.name, node: node.id, pid: process.pid };
  const log = createLogger({ fields, level: options.logLevel });
  reportCrashes(log);
  const assembly = new NodeAssembly({
    self,
    topology: cluster.topology,
    folder: folderOf(cluster, node),
    tls,
    log,
    onFatal: (error) => endAfterDiskFailure(log, error),
    onDisowned: (reason) => endAsStranger(log, reason),
  });
  const told = endOnSignals(log);
  const orphaned = options.withParent === true ? endWithParent() : new Promise<never>(() => undefined);
  const { address, http } = await assembly.start();
  log.info({ address, http, incarnation: self.incarnation }, 'The node listens');
  const ended = Promise.race([told, orphaned]).then(async (reason) => {
    log.info({ reason }, 'The node stops');
    await assembly.stop();
    log.info({}, 'The node has stopped');
  });
  return { id: node.id, address, http, ended };
}

async function findNode({ configFile, id }: RunNodeOptions): Promise<{ cluster: ClusterFile; node: NodeTopology }> {
  const cluster = await readClusterFile(configFile);
  if (cluster === undefined) throw new FulcrumError(invalidArgument(`There is no cluster file at ${configFile}.`));
  return { cluster, node: nodeNamed(cluster.topology, id) };
}
