import { GRPC_PORT_FIRST, HTTP_PORT_FIRST } from '../src/core/defaults.js';
import { nextFreePort } from './free-ports.js';
import type { Ports } from './planned-topology.js';
import { parseAddress, type Topology } from './topology.js';

/** A node that could not have the port it should have had. */
export interface MovedPort {
  /** Which node, counted from 0. */
  readonly index: number;
  readonly server: 'gRPC' | 'HTTP';
  readonly taken: number;
  readonly used: number;
}

export interface ChosenPorts extends Ports {
  readonly moved: readonly MovedPort[];
}

export interface PortWishes {
  /** Ports to begin at where the cluster is new. */
  readonly grpcFirst?: number | undefined;
  readonly httpFirst?: number | undefined;
}

/** The ports a cluster had before, or consecutive ones where it is new; the next free one for each that is taken. */
export async function choosePorts(
  count: number,
  existing: Topology | undefined,
  wishes: PortWishes,
): Promise<ChosenPorts> {
  const chosen = new Set<number>();
  const moved: MovedPort[] = [];
  const choose = async (server: 'gRPC' | 'HTTP', index: number, wish: number): Promise<number> => {
    const used = await nextFreePort(wish, chosen);
    chosen.add(used);
    if (used !== wish) moved.push({ index, server, taken: wish, used });
    return used;
  };
  const grpc: number[] = [];
  const http: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const before = existing?.nodes[i];
    const grpcBefore = wishes.grpcFirst === undefined ? parseAddress(before?.address)?.port : undefined;
    const httpBefore = wishes.httpFirst === undefined ? parseAddress(before?.http)?.port : undefined;
    grpc.push(await choose('gRPC', i, grpcBefore ?? (wishes.grpcFirst ?? GRPC_PORT_FIRST) + i));
    http.push(await choose('HTTP', i, httpBefore ?? (wishes.httpFirst ?? HTTP_PORT_FIRST) + i));
  }
  return { grpc, http, moved };
}
