import { getJson } from './http-json.js';
import { waitUntil } from './wait.js';

/** Longer than the longest pause between two attempts of a node to reach another one. */
const LINKS_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;

/** A node, and where it answers over HTTP. */
export interface LinkedNode {
  readonly id: string;
  readonly http: string;
}

export interface AwaitLinksOptions {
  /** 10000 by default. */
  readonly timeoutMs?: number;
  /** Wait for nodes that do not answer, too. */
  readonly all?: boolean;
}

/**
 * A node is ready once it reaches a majority, but the others may not reach it yet. Waits until all that answer
 * reach each other, so that a request at ALL succeeds from then on; false where some stay apart.
 */
export async function awaitLinks(
  nodes: readonly LinkedNode[],
  { timeoutMs = LINKS_TIMEOUT_MS, all = false }: AwaitLinksOptions = {},
): Promise<boolean> {
  return waitUntil(async () => {
    const answers = await Promise.all(nodes.map(reachedBy));
    if (all && answers.includes(undefined)) return false;
    const alive = nodes.filter((_, index) => answers[index] !== undefined).map((node) => node.id);
    return answers.every((reached, index) => {
      const others = alive.filter((id) => id !== nodes[index]!.id);
      return reached === undefined || others.every((id) => reached.has(id));
    });
  }, timeoutMs);
}

/** The peers that this node reaches; undefined where it does not answer. */
async function reachedBy(node: LinkedNode): Promise<ReadonlySet<string> | undefined> {
  const body = (await getJson(node.http, '/readyz', PROBE_TIMEOUT_MS))?.body as Readiness | undefined;
  // Another program may have taken the port of a node that is down.
  if (body?.node !== node.id) return undefined;
  return new Set(body.peers.filter((peer) => peer.reachable).map((peer) => peer.id));
}

interface Readiness {
  readonly node: string;
  readonly peers: readonly { readonly id: string; readonly reachable: boolean }[];
}
