/** The limit for each client in a cluster file: `"clientLimit": { "ratePerSecond": 5000, "burst": 10000 }`. */
import { checkedLimit, type ClientLimit } from '../src/core/client-limit.js';

/** undefined: there is none. Throws INVALID_ARGUMENT where it makes no sense. */
export function clientLimitIn(limit: unknown): ClientLimit | undefined {
  if (limit === undefined) return undefined;
  const { ratePerSecond, burst, perByte } = (typeof limit === 'object' ? (limit ?? {}) : {}) as Partial<ClientLimit>;
  // What is no number is refused like a number that makes no sense.
  return checkedLimit({ ratePerSecond: ratePerSecond as number, burst, perByte });
}
