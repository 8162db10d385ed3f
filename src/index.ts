/** The package's entry, and the composition root of the SDK. */
import { readFile } from 'node:fs/promises';
import { checkedTls, type TlsOptions } from '../cluster/checked-tls.js';
import { tlsIn } from '../cluster/tls-fields.js';
import { clientTls } from '../cluster/tls-files.js';
import { GrpcPipeTransport } from './adapters/grpc-pipe.js';
import { systemClock } from './adapters/system-clock.js';
import { systemRandom } from './adapters/system-random.js';
import { hmacCursorSeal } from './adapters/cursor-seal.js';
import { MsgpackValueCodec } from './adapters/value-codec.js';
import { Admin } from './client/admin.js';
import { Client } from './client/client.js';
import { clusterFileIn } from './client/cluster-file.js';
import type { GivenNode } from './client/nodes.js';
import { refuse, settingsOf, type ClientOptions } from './client/options.js';
import type { ClusterWatch } from './adapters/cluster-watch.js';
import { FulcrumError } from './core/errors.js';
import type { Tls } from './ports/tls.js';

export type { Admin, Client };
/** `systemClock`: for the patterns of `fulcrum-kv/resilience` that wait, such as `Throttle`. */
export { FulcrumError, systemClock };
export type { ErrorCode } from './core/errors.js';
export type { TlsOptions };
export type { Level } from './core/level.js';
export type { Policy } from './core/policy.js';
export type { Guarantee, Receipt } from './core/receipt.js';
export type { ClusterLive, NodeLive } from './core/cluster-live.js';
export type { ClusterWatch };
export type {
  Behind,
  Counterfactual,
  CounterfactualLevel,
  CounterfactualReads,
  CounterfactualReplica,
  CounterfactualWrites,
  Latency,
  LevelSample,
  LiveConflicts,
  LiveHints,
  LiveLink,
  LivePolicy,
  LiveRepair,
  LiveSample,
  ReadTraffic,
  StalenessEstimate,
  Traffic,
} from './core/live-sample.js';
export type { GetResult, MutateResult } from './client/results.js';
export type { Entry } from './client/batch.js';
export type { ClientEvent, ClientListener } from './client/events.js';
export type { CallMetrics, ClientMetrics, LatencySummary, NodeMetrics } from './client/metrics.js';
export type { Attributes, CallEnd, CallHook, CallObserver, CallStart } from './client/telemetry.js';
export type {
  BreakerState,
  CircuitBreakerOptions,
  HedgeDelayOptions,
  RetryBudgetOptions,
} from './client/resilience/index.js';
export type { ClusterView, NodeBreaker } from './client/nodes.js';
export type { Balance } from './client/balancer.js';
export type { Page, PageOptions, Pagination, RangeOptions, ScanItem, ScanOptions } from './client/scan-options.js';
export type { Fate, Resolution } from './client/resolve.js';
export type { CacheStats } from './client/cache-counters.js';
export type { CachedGetOptions, CachedResult, CacheSource, NearCache } from './client/near-cache.js';
export type { Session } from './client/session.js';
export type { Change, UpdateResult } from './client/update.js';
export type {
  CallOptions,
  ClientOptions,
  CompareAndSetOptions,
  CreateOptions,
  DeleteOptions,
  GetOptions,
  HedgeOption,
  MutateOptions,
  NearCacheOptions,
  PutManyOptions,
  PutOptions,
  SessionOptions,
  ThrottleOption,
  UpdateOptions,
} from './client/options.js';

/** Which cluster; `nodes` and `cluster` exclude each other. */
export interface ConnectOptions extends ClientOptions {
  /** Addresses, host:port each. One is enough: the client finds the others. */
  readonly nodes?: readonly string[] | undefined;
  /**
   * The cluster's file, as `fulcrum up` writes it. Where neither is given: the file named by the environment
   * variable FULCRUM_CLUSTER, else .fulcrum/cluster.json in the current folder.
   */
  readonly cluster?: string | undefined;
  /**
   * The certificate that this client shows, for a cluster that takes nobody without one. By default what the cluster's
   * file says; where nodes are named instead, connections are plain without it.
   */
  readonly tls?: TlsOptions | undefined;
}

/** What an operator's connection needs. */
export type AdminConnectOptions = Pick<ConnectOptions, 'nodes' | 'cluster' | 'tls'>;

export type { ChangePolicyOptions, ConflictLedger, ConflictsOptions, NodeStatus } from './client/admin.js';
export type { NodeReport, PolicyStep, ReportedConflict, ReportedSide } from './ports/admin-calls.js';

const CLUSTER_FILE_DEFAULT = '.fulcrum/cluster.json';

/**
 * Connects to a cluster, given its options or its addresses as one text, `host:port,host:port`.
 *
 * Rejects with UNAVAILABLE where no node can be reached, NOT_FOUND where there is no cluster file, and
 * INVALID_ARGUMENT where the options or the file make no sense.
 */
export async function connect(options: ConnectOptions | string = {}): Promise<Client> {
  const asked: ConnectOptions = typeof options === 'string' ? { nodes: options.split(',') } : options;
  const { nodes, tls } = await whereabouts(asked);
  const settings = settingsOf(asked, nodes);
  return Client.open(settings, {
    transport: new GrpcPipeTransport(tls),
    clock: systemClock,
    random: systemRandom,
    codec: new MsgpackValueCodec(),
    seal: hmacCursorSeal,
  });
}

/**
 * For operators: the state of each node, the cluster's policy and how it is changed, and the conflict ledger.
 *
 * Connects at the first call. Rejects with NOT_FOUND where there is no cluster file, and INVALID_ARGUMENT where the
 * options or the file make no sense.
 */
export async function connectAdmin(options: AdminConnectOptions = {}): Promise<Admin> {
  const { nodes, tls } = await whereabouts(options);
  // Its protos take longer to load than a client takes to connect without them.
  const { AdminClient } = await import('./adapters/admin-client.js');
  const codec = new MsgpackValueCodec();
  return new Admin(nodes, (address) => new AdminClient(address, codec, tls));
}

/**
 * Watches every node of a cluster, each second: `now()` of what comes back is the whole cluster as its nodes told it
 * last, with what every level would have given. `nodes` are to be all of them. A node that says nothing is `silent`,
 * and watched again once it is back. Runs until `stop()`; rejects as {@link connectAdmin} does.
 *
 * @example
 * const watch = await watchCluster({ cluster: '.fulcrum/cluster.json' });
 * setInterval(() => console.log(watch.now().counterfactual.levels), 1_000);
 */
export async function watchCluster(options: AdminConnectOptions = {}): Promise<ClusterWatch> {
  const { nodes, tls } = await whereabouts(options);
  const { ClusterWatch } = await import('./adapters/cluster-watch.js');
  return new ClusterWatch({ nodes, clock: systemClock, tls });
}

interface Whereabouts {
  readonly nodes: readonly GivenNode[];
  readonly tls: Tls | undefined;
}

async function whereabouts({ nodes, cluster, tls }: AdminConnectOptions): Promise<Whereabouts> {
  const given = tls === undefined ? undefined : checkedTls(tls);
  if (nodes !== undefined) return { nodes: givenNodes(nodes, cluster), tls: given };
  const file = cluster ?? process.env['FULCRUM_CLUSTER'] ?? CLUSTER_FILE_DEFAULT;
  const found = clusterFileIn(await readClusterFile(file), file);
  return { nodes: found.nodes, tls: given ?? (await clientTls({ file, topology: { tls: tlsIn(found.tls) } })) };
}

function givenNodes(nodes: readonly string[], cluster: string | undefined): GivenNode[] {
  if (cluster !== undefined) refuse('name the cluster by nodes or by its file, not by both');
  if (!Array.isArray(nodes)) refuse('nodes must be an array of addresses, host:port each');
  return nodes.map((address: unknown) => ({ address: typeof address === 'string' ? address.trim() : String(address) }));
}

async function readClusterFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const message = `there is no cluster file at ${path}: start a cluster with "fulcrum up", or name its nodes`;
    throw new FulcrumError({ code: 'NOT_FOUND', message, definite: true, retryable: false }, { cause });
  }
}
