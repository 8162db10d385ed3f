/** What a cluster is made of: its nodes, where they listen and keep their data, and the policy they follow. */
import { GRPC_PORT_FIRST, HTTP_PORT_FIRST, REPLICAS_DEFAULT } from '../src/core/defaults.js';
import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import { isPolicy, POLICIES, POLICY_DEFAULT, type Policy } from '../src/core/policy.js';
import type { ClientLimit } from '../src/core/client-limit.js';
import { clientLimitIn } from './client-limit.js';
import { tlsIn, type TlsFiles } from './tls-fields.js';

export const NODES_MAX = 64;
const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const LOOPBACK = '127.0.0.1';

export interface NodeTopology {
  readonly id: string;
  /** host:port of the gRPC server, and where clients and the other nodes reach it unless the next two say otherwise. */
  readonly address: string;
  /** Where clients reach this node, if not at its own address: a proxy or a load balancer, host:port. */
  readonly advertise?: string | undefined;
  /** Where this node reaches others, by their id, if not at their own address: proxies, host:port each. */
  readonly dial?: Readonly<Record<string, string>> | undefined;
  /** host:port of the HTTP server: /healthz, /readyz and /metrics. */
  readonly http: string;
  /** Where the node keeps its data; relative to the folder of the cluster file. */
  readonly folder: string;
}

export interface Topology {
  readonly name: string;
  readonly policy: Policy;
  /** Home replicas of a key. */
  readonly replicas: number;
  readonly nodes: readonly NodeTopology[];
  /** Of the requests, what every other level would have given is found out for this share; default 0.01, 0: off. */
  readonly counterfactuals?: number | undefined;
  /** How fast each client may ask each node; without it, as fast as it can. */
  readonly clientLimit?: ClientLimit | undefined;
  /** Whoever connects over gRPC, node or client, shows a certificate; without it, connections are plain. */
  readonly tls?: TlsFiles | undefined;
  /** Only in tests: the nodes let their clocks and disks be made wrong (proto/chaos.proto). */
  readonly chaos?: true | undefined;
}

export interface LocalTopologyOptions {
  readonly name: string;
  /** Default 3. */
  readonly nodes?: number | undefined;
  /** Default 3, or all nodes where there are fewer. */
  readonly replicas?: number | undefined;
  readonly policy?: Policy | undefined;
  readonly counterfactuals?: number | undefined;
  /** Ports of the nodes in order; by default consecutive ones from {@link GRPC_PORT_FIRST} and {@link HTTP_PORT_FIRST}. */
  readonly grpcPorts?: readonly number[] | undefined;
  readonly httpPorts?: readonly number[] | undefined;
  readonly clientLimit?: ClientLimit | undefined;
  readonly tls?: TlsFiles | undefined;
}

/** Nodes n1, n2, … on loopback. Throws INVALID_ARGUMENT where the numbers make no cluster. */
export function localTopology(options: LocalTopologyOptions): Topology {
  const { nodes = 3, policy = POLICY_DEFAULT } = options;
  const replicas = options.replicas ?? Math.min(REPLICAS_DEFAULT, nodes);
  refuse(countProblem(nodes, replicas));
  const node = (index: number): NodeTopology => ({
    id: `n${index + 1}`,
    address: `${LOOPBACK}:${options.grpcPorts?.[index] ?? GRPC_PORT_FIRST + index}`,
    http: `${LOOPBACK}:${options.httpPorts?.[index] ?? HTTP_PORT_FIRST + index}`,
    folder: `n${index + 1}`,
  });
  return parseTopology({
    name: options.name,
    policy,
    replicas,
    counterfactuals: options.counterfactuals,
    clientLimit: options.clientLimit,
    tls: options.tls,
    nodes: Array.from({ length: nodes }, (_, i) => node(i)),
  });
}

/** A topology from the JSON of a cluster file. Throws INVALID_ARGUMENT saying what is wrong and what to do. */
export function parseTopology(document: unknown): Topology {
  if (!isObject(document)) throw refusal('it must hold a JSON object with name, policy, replicas and nodes');
  const { name, policy, replicas, nodes, counterfactuals, clientLimit, chaos } = document;
  if (typeof name !== 'string' || !NAME_PATTERN.test(name)) {
    throw refusal(`"name" must be 1 to 64 letters, digits, "-" or "_", not ${show(name)}`);
  }
  if (!isPolicy(policy)) throw refusal(`"policy" must be one of ${POLICIES.join(', ')}, not ${show(policy)}`);
  if (!Array.isArray(nodes)) throw refusal('"nodes" must be a list of { id, address, http, folder }');
  if (typeof replicas !== 'number') throw refusal(`"replicas" must be a number, not ${show(replicas)}`);
  refuse(countProblem(nodes.length, replicas));
  const parsed = nodes.map(parseNode);
  refuse(duplicateProblem(parsed));
  if (!isShare(counterfactuals))
    throw refusal(`"counterfactuals" must be a share from 0 to 1 or left out, not ${show(counterfactuals)}`);
  if (chaos !== undefined && chaos !== true) throw refusal(`"chaos" must be true or left out, not ${show(chaos)}`);
  const limit = clientLimitIn(clientLimit);
  const tls = tlsIn(document['tls']);
  return {
    name,
    policy,
    replicas,
    nodes: parsed,
    ...(counterfactuals === undefined ? {} : { counterfactuals }),
    ...(limit === undefined ? {} : { clientLimit: limit }),
    ...(tls === undefined ? {} : { tls }),
    ...(chaos === true ? { chaos } : {}),
  };
}

/** Where clients reach this node. */
export function clientAddress({ address, advertise }: NodeTopology): string {
  return advertise ?? address;
}

/** The node of this name. Throws INVALID_ARGUMENT naming those that exist. */
export function nodeNamed(topology: Topology, id: string): NodeTopology {
  const node = topology.nodes.find((one) => one.id === id);
  if (node !== undefined) return node;
  const known = topology.nodes.map((one) => one.id).join(', ');
  throw new FulcrumError(invalidArgument(`Cluster ${topology.name} has no node ${show(id)}. Its nodes are ${known}.`));
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** The parts of host:port, an IPv6 host in brackets; undefined for anything else. */
export function parseAddress(address: unknown): HostPort | undefined {
  if (typeof address !== 'string') return undefined;
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(address);
  if (match === null) return undefined;
  const host = match[1]!.replace(/^\[|\]$/g, '');
  const port = Number(match[2]);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

function parseNode(node: unknown, index: number): NodeTopology {
  const where = `nodes[${index}]`;
  if (!isObject(node)) throw refusal(`${where} must be an object { id, address, http, folder }, not ${show(node)}`);
  const { id, address, http, folder } = node;
  if (typeof id !== 'string' || !NAME_PATTERN.test(id)) {
    throw refusal(`${where}.id must be 1 to 64 letters, digits, "-" or "_", not ${show(id)}`);
  }
  if (!isAddress(address)) {
    throw refusal(
      `${where}.address (gRPC) must be host:port, such as ${LOOPBACK}:${GRPC_PORT_FIRST}, not ${show(address)}`,
    );
  }
  if (!isAddress(http)) {
    throw refusal(`${where}.http must be host:port, such as ${LOOPBACK}:${HTTP_PORT_FIRST}, not ${show(http)}`);
  }
  if (typeof folder !== 'string' || folder === '') {
    throw refusal(`${where}.folder must name the folder for this node's data, not ${show(folder)}`);
  }
  return { id, address, ...detoursOf(node, where), http, folder };
}

/** Where something stands between this node and its clients or its peers. */
function detoursOf(
  { advertise, dial }: Record<string, unknown>,
  where: string,
): Pick<NodeTopology, 'advertise' | 'dial'> {
  const detours: { advertise?: string; dial?: Record<string, string> } = {};
  if (advertise !== undefined) {
    if (!isAddress(advertise)) throw refusal(`${where}.advertise must be host:port, not ${show(advertise)}`);
    detours.advertise = advertise;
  }
  if (dial === undefined) return detours;
  if (!isObject(dial)) throw refusal(`${where}.dial must be an object { node id: host:port }, not ${show(dial)}`);
  detours.dial = {};
  for (const [id, address] of Object.entries(dial)) {
    if (!isAddress(address)) throw refusal(`${where}.dial.${id} must be host:port, not ${show(address)}`);
    detours.dial[id] = address;
  }
  return detours;
}

function countProblem(nodes: number, replicas: number): string | undefined {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > NODES_MAX) {
    return `a cluster has 1 to ${NODES_MAX} nodes, not ${nodes}`;
  }
  if (!Number.isInteger(replicas) || replicas < 1) return `replicas must be a whole number from 1, not ${replicas}`;
  if (replicas > nodes) return `${replicas} replicas need at least ${replicas} nodes, and there are ${nodes}`;
  return undefined;
}

function duplicateProblem(nodes: readonly NodeTopology[]): string | undefined {
  const seen = new Map<string, string>();
  for (const node of nodes) {
    const claims = [
      ['id', `node id ${node.id}`],
      ['address', `address ${node.address}`],
      ['http', `address ${node.http}`],
      ['folder', `folder ${node.folder}`],
    ] as const;
    for (const [field, claim] of claims) {
      const holder = seen.get(claim);
      if (holder !== undefined)
        return `${claim} is given twice (${holder} and ${node.id}.${field}); each must be unique`;
      seen.set(claim, `${node.id}.${field}`);
    }
  }
  return undefined;
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem);
}

function refusal(problem: string): FulcrumError {
  return new FulcrumError(invalidArgument(`This is not a usable cluster: ${problem}.`));
}

function isAddress(value: unknown): value is string {
  return parseAddress(value) !== undefined;
}

function isShare(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
