/** The part of a cluster's file that a client needs: which nodes there are, and where, and whether TLS is spoken. */
import type { GivenNode } from './nodes.js';
import { refuse } from './options.js';

export interface FoundCluster {
  readonly nodes: readonly GivenNode[];
  /** As it is written. */
  readonly tls: unknown;
}

/** `source` names the text in messages. Throws INVALID_ARGUMENT. */
export function clusterFileIn(text: string, source: string): FoundCluster {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    refuse(`${source} is not a cluster file: it is not JSON`, cause);
  }
  return { nodes: nodesIn(fieldOf(file, 'nodes'), source), tls: fieldOf(file, 'tls') };
}

function nodesIn(nodes: unknown, source: string): GivenNode[] {
  if (!Array.isArray(nodes) || nodes.length === 0) refuse(`${source} is not a cluster file: it lists no nodes`);
  return nodes.map((node: unknown, index) => {
    const id = fieldOf(node, 'id');
    const address = fieldOf(node, 'advertise') ?? fieldOf(node, 'address');
    if (typeof id !== 'string' || typeof address !== 'string') {
      refuse(`${source} is not a cluster file: nodes[${index}] has no id or no address`);
    }
    return { id, address };
  });
}

function fieldOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? (object as { [name: string]: unknown })[name] : undefined;
}
