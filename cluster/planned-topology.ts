import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import type { ClientLimit } from '../src/core/client-limit.js';
import type { Policy } from '../src/core/policy.js';
import type { TlsFiles } from './tls-fields.js';
import { localTopology, parseAddress, type Topology } from './topology.js';

/** What the user asked for; undefined: as it is, or the default where there is nothing yet. */
export interface WantedShape {
  readonly nodes?: number | undefined;
  readonly replicas?: number | undefined;
  readonly policy?: Policy | undefined;
  /** The share of the requests for which the cost of the other levels is found out, 0 to 1; default 0.01. */
  readonly counterfactuals?: number | undefined;
  readonly clientLimit?: ClientLimit | undefined;
  readonly tls?: TlsFiles | undefined;
}

export interface Ports {
  readonly grpc: readonly number[];
  readonly http: readonly number[];
}

export const NODES_DEFAULT = 3;

/** How many nodes the plan will have, so that ports can be chosen for them. */
export function plannedNodes(existing: Topology | undefined, wanted: WantedShape): number {
  return wanted.nodes ?? existing?.nodes.length ?? NODES_DEFAULT;
}

/**
 * The local cluster to start: what was asked for, or what the existing data belongs to. Throws
 * INVALID_ARGUMENT where the two differ, because members and policy cannot change under data, and where the
 * existing cluster spans several machines.
 */
export function plannedTopology(
  name: string,
  existing: Topology | undefined,
  wanted: WantedShape,
  ports: Ports,
): Topology {
  const plan = localTopology({
    name: existing?.name ?? name,
    nodes: plannedNodes(existing, wanted),
    replicas: wanted.replicas ?? existing?.replicas,
    policy: wanted.policy ?? existing?.policy,
    counterfactuals: wanted.counterfactuals ?? existing?.counterfactuals,
    clientLimit: wanted.clientLimit ?? existing?.clientLimit,
    tls: wanted.tls ?? existing?.tls,
    grpcPorts: ports.grpc,
    httpPorts: ports.http,
  });
  if (existing === undefined) return plan;
  refuse(changeProblem(existing, plan) ?? machinesProblem(existing));
  const nodes = existing.nodes.map((node, i) => ({ ...plan.nodes[i]!, id: node.id, folder: node.folder }));
  return { ...plan, nodes };
}

/** Whether every node listens on this machine only. */
export function isLocal(topology: Topology): boolean {
  return topology.nodes.every((node) => [node.address, node.http].every(isLoopback));
}

function changeProblem(existing: Topology, plan: Topology): string | undefined {
  if (sameShape(existing, plan)) return undefined;
  return (
    `The data belongs to a cluster of ${describeShape(existing)}; you asked for ${describeShape(plan)}. ` +
    'Start it as it is, or choose another folder for a new cluster: members cannot be changed yet, and the policy only ' +
    `while the cluster runs (npx fulcrum policy ${plan.policy}).`
  );
}

function machinesProblem(existing: Topology): string | undefined {
  if (isLocal(existing)) return undefined;
  return (
    `Cluster ${existing.name} spans several machines, so it cannot be started from here as a whole. ` +
    `Start each node on its machine: npx fulcrum node --config cluster.json --id ${existing.nodes[0]!.id}`
  );
}

function isLoopback(address: string): boolean {
  return ['127.0.0.1', 'localhost', '::1'].includes(parseAddress(address)?.host ?? '');
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new FulcrumError(invalidArgument(problem));
}

export function describeShape({ nodes, replicas, policy }: Topology): string {
  return `${count(nodes.length, 'node')}, ${count(replicas, 'replica')} and policy ${policy}`;
}

function sameShape(a: Topology, b: Topology): boolean {
  return a.nodes.length === b.nodes.length && a.replicas === b.replicas && a.policy === b.policy;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
