/** A fake cluster that holds keys and answers what scans ask. */
import type { Client } from '../../src/client/client.js';
import type { Ballot } from '../../src/core/ballot.js';
import { compareIn, isInRange } from '../../src/core/key-range.js';
import type { GetRequest, ListReply, ListRequest, Reply, Request } from '../../src/core/request.js';
import { Ring } from '../../src/core/ring.js';
import type { ClientOptions } from '../../src/client/options.js';
import { connected, type Connected } from './connected.js';
import { valueReply, type FakeClusterOptions } from './fake-cluster.js';

/** A value, or the ballot of a tombstone. */
type Held = Uint8Array | Ballot;

function ballotAt(time: number): Ballot {
  return { time, node: 'n1', incarnation: '00000000000000aa', sub: 0 };
}

export class Contents {
  readonly #held: ReadonlyMap<string, Map<string, Held>>;
  readonly #ring: Ring;
  /** Requests by kind. */
  readonly lists: { readonly node: string; readonly request: ListRequest }[] = [];
  readonly gets: string[] = [];

  constructor(nodes: readonly string[]) {
    this.#ring = new Ring({ nodes, replicas: 3 });
    this.#held = new Map(nodes.map((node) => [node, new Map<string, Held>()]));
  }

  put(key: string, value: string | Uint8Array = key, nodes = this.#ring.homeReplicas(key)): void {
    for (const node of nodes) this.#held.get(node)!.set(key, typeof value === 'string' ? Buffer.from(value) : value);
  }

  delete(key: string, nodes = this.#ring.homeReplicas(key), time = 5): void {
    for (const node of nodes) this.#held.get(node)!.set(key, ballotAt(time));
  }

  readonly answer = (node: string, request: Request): Reply | undefined => {
    if (request.kind === 'list') return this.#list(node, request);
    return request.kind === 'get' ? this.#get(request) : undefined;
  };

  #list(node: string, request: ListRequest): ListReply {
    this.lists.push({ node, request });
    const all = [...this.#held.get(node)!].filter(([key]) => isInRange(key, request));
    const looked = all.sort(([a], [b]) => compareIn(request, a, b)).slice(0, request.limit);
    const deleted = looked.flatMap(([key, held]) => (held instanceof Uint8Array ? [] : [{ key, accepted: held }]));
    return {
      kind: 'keys',
      keys: looked.filter(([, held]) => held instanceof Uint8Array).map(([key]) => key),
      deleted,
      through: all.length > request.limit ? looked.at(-1)![0] : null,
    };
  }

  /** As a quorum read that finds what most home replicas hold. */
  #get({ key }: GetRequest): Reply {
    this.gets.push(key);
    const copies = this.#ring.homeReplicas(key).map((node) => this.#held.get(node)!.get(key));
    const values = copies.filter((held) => held instanceof Uint8Array);
    return valueReply(values.length >= 2 ? values[0]! : null);
  }
}

export interface Scannable extends Connected {
  readonly contents: Contents;
  /** Lets turns of the event loop pass until a promise is settled. */
  readonly done: <T>(promise: Promise<T>) => Promise<T>;
}

export async function scannable(
  keys: readonly string[] = [],
  options: ClientOptions & FakeClusterOptions = {},
): Promise<Scannable> {
  const here = await connected(options);
  const contents = new Contents(here.cluster.nodes);
  for (const key of keys) contents.put(key);
  here.cluster.script = contents.answer;
  const done = async <T>(promise: Promise<T>): Promise<T> => {
    const state = { isSettled: false };
    const mark = (): void => void (state.isSettled = true);
    promise.then(mark, mark);
    while (!state.isSettled) await here.clock.turn();
    return promise;
  };
  return { ...here, contents, done };
}

export async function keysOf(scan: ReturnType<Client['scan']>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of scan) keys.push(key);
  return keys;
}
