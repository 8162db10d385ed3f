/** The proxied network of one cluster: a proxy for each directed pair of nodes, and one for the clients of each. */
import { Toxiproxy, type ToxicAttributeTypes, type ToxicDirection, type ToxicType } from 'toxiproxy-node-client';
import type { Topology } from '../cluster/topology.js';
import { FulcrumError } from '../src/core/errors.js';

/** Stands for all clients where a fault names who sends or receives. */
export const CLIENTS = 'clients';

/** One proxy: who dials whom through it. */
export interface Path {
  readonly from: string;
  readonly to: string;
  /** host:port to dial. */
  readonly address: string;
}

/** A toxic, by the direction of the data that it hurts and the fault that put it there. */
export interface PlacedToxic {
  readonly label: string;
  readonly from: string;
  readonly to: string;
  readonly type: ToxicType;
  readonly attributes: Readonly<Record<string, number>>;
  readonly toxicity: number;
}

export interface NewToxic {
  readonly type: ToxicType;
  readonly attributes: ToxicAttributeTypes;
  /** Share of the connections, 1 by default. */
  readonly toxicity?: number | undefined;
}

interface ListedProxy {
  readonly name: string;
  readonly listen: string;
  readonly toxics: readonly {
    readonly name: string;
    readonly type: ToxicType;
    readonly stream: ToxicDirection;
    readonly toxicity: number;
    readonly attributes: Readonly<Record<string, number>>;
  }[];
}

/** A proxy and the stream of it that carries data in one direction. */
interface Stream {
  readonly proxy: string;
  readonly stream: ToxicDirection;
}

export class Network {
  /** http://host:port of the Toxiproxy API. */
  readonly url: string;
  readonly nodes: readonly string[];
  readonly #cluster: string;
  readonly #toxiproxy: Toxiproxy;
  readonly #paths: readonly Path[];

  private constructor(url: string, topology: Topology, paths: readonly Path[]) {
    this.url = url;
    this.nodes = topology.nodes.map(({ id }) => id);
    this.#cluster = topology.name;
    this.#toxiproxy = new Toxiproxy(url);
    this.#paths = paths;
  }

  /** Makes the proxies, replacing those that a cluster of this name had before. */
  static async create(url: string, topology: Topology): Promise<Network> {
    refuseReservedName(topology);
    await removeProxies(url, topology.name);
    const wanted = pathsOf(topology).map(({ from, to }) => ({
      name: proxyName(topology.name, from, to),
      listen: '127.0.0.1:0',
      upstream: topology.nodes.find(({ id }) => id === to)!.address,
      enabled: true,
    }));
    await asked(url, new Toxiproxy(url).populate(wanted));
    return Network.attach(url, topology);
  }

  /** A network that was made before. */
  static async attach(url: string, topology: Topology): Promise<Network> {
    const listed = new Map((await proxiesOf(url, topology.name)).map((proxy) => [proxy.name, proxy.listen]));
    const paths = pathsOf(topology).map(({ from, to }) => {
      const address = listed.get(proxyName(topology.name, from, to));
      if (address === undefined) throw lost(url, `it has no proxy from ${from} to ${to}`);
      return { from, to, address };
    });
    return new Network(url, topology, paths);
  }

  /** Where `from` dials `to`. */
  address(from: string, to: string): string {
    const path = this.#paths.find((one) => one.from === from && one.to === to);
    if (path === undefined) throw new Error(`there is no path from ${from} to ${to}`);
    return path.address;
  }

  /** The topology with the proxies in every way, of nodes that are started for chaos. */
  rewire(topology: Topology): Topology {
    const nodes = topology.nodes.map((node) => ({
      ...node,
      advertise: this.address(CLIENTS, node.id),
      dial: Object.fromEntries(
        this.nodes.filter((id) => id !== node.id).map((id) => [id, this.address(node.id, id)] as const),
      ),
    }));
    return { ...topology, nodes, chaos: true };
  }

  /**
   * Hurts all data on its way from one to the other: what is sent on the connections that the sender dialled, and
   * what is answered on those that the receiver dialled. One toxic for each label and direction.
   */
  async add(label: string, from: string, to: string, { type, attributes, toxicity = 1 }: NewToxic): Promise<void> {
    await Promise.all(
      this.#streams(from, to).map(async ({ proxy, stream }) => {
        const body = { name: `${label}.${stream}`, type, stream, toxicity, attributes };
        await asked(this.url, this.#toxiproxy.api.post(`${this.url}/proxies/${proxy}/toxics`, body));
      }),
    );
  }

  /** Takes away every toxic with this label, or all of them; those between two parties only where these are named. */
  async remove(label?: string, from?: string, to?: string): Promise<void> {
    const within = from === undefined || to === undefined ? undefined : this.#streams(from, to);
    const proxies = await proxiesOf(this.url, this.#cluster);
    const doomed = proxies.flatMap(({ name, toxics }) =>
      toxics
        .filter((toxic) => label === undefined || labelOf(toxic.name) === label)
        .filter(({ stream }) => within?.some((one) => one.proxy === name && one.stream === stream) ?? true)
        .map((toxic) => `${this.url}/proxies/${name}/toxics/${toxic.name}`),
    );
    await Promise.all(doomed.map((path) => asked(this.url, this.#toxiproxy.api.delete(path))));
  }

  /** What is in the way now; each toxic once, although it sits on two streams between nodes. */
  async toxics(): Promise<PlacedToxic[]> {
    const proxies = await proxiesOf(this.url, this.#cluster);
    const placed = proxies.flatMap(({ name, toxics }) =>
      toxics.map(({ name: toxic, type, stream, attributes, toxicity }): PlacedToxic => {
        const [, dialler = '', dialled = ''] = name.split('.');
        const [from, to] = stream === 'upstream' ? [dialler, dialled] : [dialled, dialler];
        return { label: labelOf(toxic), from, to, type, attributes, toxicity };
      }),
    );
    return [...new Map(placed.map((one) => [`${one.label} ${one.from} ${one.to}`, one])).values()];
  }

  /** The proxies themselves. */
  close(): Promise<void> {
    return removeProxies(this.url, this.#cluster);
  }

  #streams(from: string, to: string): Stream[] {
    const streams: Stream[] = [];
    if (to !== CLIENTS) streams.push({ proxy: proxyName(this.#cluster, from, to), stream: 'upstream' });
    if (from !== CLIENTS) streams.push({ proxy: proxyName(this.#cluster, to, from), stream: 'downstream' });
    return streams;
  }
}

function pathsOf({ nodes }: Topology): { readonly from: string; readonly to: string }[] {
  const ids = nodes.map(({ id }) => id);
  return ids.flatMap((to) => [...ids.filter((id) => id !== to), CLIENTS].map((from) => ({ from, to })));
}

/** Names of clusters and nodes hold no dot. */
function proxyName(cluster: string, from: string, to: string): string {
  return `${cluster}.${from}.${to}`;
}

function labelOf(toxic: string): string {
  return toxic.replace(/\.(?:up|down)stream$/, '');
}

function refuseReservedName({ nodes }: Topology): void {
  if (nodes.every(({ id }) => id !== CLIENTS)) return;
  const message = `A node cannot be called ${CLIENTS} here: the word stands for the clients of the cluster.`;
  throw new FulcrumError({ code: 'INVALID_ARGUMENT', message, definite: true, retryable: false });
}

async function proxiesOf(url: string, cluster: string): Promise<ListedProxy[]> {
  const { data } = await asked(url, new Toxiproxy(url).api.get<Record<string, ListedProxy>>(`${url}/proxies`));
  return Object.values(data).filter(({ name }) => name.startsWith(`${cluster}.`));
}

/** Those of one cluster; others on the same server stay. */
export async function removeProxies(url: string, cluster: string): Promise<void> {
  const { api } = new Toxiproxy(url);
  const proxies = await proxiesOf(url, cluster);
  await Promise.all(proxies.map(({ name }) => asked(url, api.delete(`${url}/proxies/${name}`))));
}

async function asked<T>(url: string, answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw lost(url, (error as Error).message, error);
  });
}

function lost(url: string, why: string, cause?: unknown): FulcrumError {
  const message = `The Toxiproxy server at ${url} did not do what it was asked: ${why}. Is it still running?`;
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: false, retryable: true }, { cause });
}
