/** Which directed pairs a fault on a link means. */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import { CLIENTS } from '../network.js';

/** Stands for every node. */
export const EVERY_NODE = '*';

export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** `from` and `to` name a node, `clients`, or `*` for every node. Throws INVALID_ARGUMENT. */
export function pairsOf(from: string, to: string, nodes: readonly string[]): Pair[] {
  const pairs = named(from, nodes).flatMap((one) => named(to, nodes).map((other) => ({ from: one, to: other })));
  const real = pairs.filter((pair) => pair.from !== pair.to);
  if (real.length > 0) return real;
  throw new FulcrumError(invalidArgument(`There is no link from ${from} to ${to}: the two must differ.`));
}

function named(name: string, nodes: readonly string[]): readonly string[] {
  if (name === EVERY_NODE) return nodes;
  if (name === CLIENTS || nodes.includes(name)) return [name];
  const known = [...nodes, CLIENTS].join(', ');
  throw new FulcrumError(invalidArgument(`There is no ${JSON.stringify(name)}, only ${known}, or * for every node.`));
}
