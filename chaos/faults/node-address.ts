import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import type { ChaosTarget } from './fault.js';

/** Where a node itself is reached, past every proxy. Throws INVALID_ARGUMENT naming those that exist. */
export function addressOf({ targets }: ChaosTarget, id: string): string {
  const node = targets.find((one) => one.id === id);
  if (node !== undefined) return node.address;
  const known = targets.map((one) => one.id).join(', ');
  throw new FulcrumError(invalidArgument(`There is no node ${JSON.stringify(id)}, only ${known}.`));
}
