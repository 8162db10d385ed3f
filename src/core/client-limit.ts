/** How fast one client may ask one node. */
import { checked } from './checked.js';

/** A token bucket for each client. */
export interface ClientLimit {
  /** Requests a second, above 0. */
  readonly ratePerSecond: number;
  /** Requests at once after a while of none; a second's worth by default. At least what the largest request costs. */
  readonly burst?: number | undefined;
  /** What each byte of a request's key and value costs, in requests, beside the request itself; 0 by default. */
  readonly perByte?: number | undefined;
}

/** The limit itself. Throws INVALID_ARGUMENT, saying what is wrong. */
export function checkedLimit({ ratePerSecond, burst, perByte }: ClientLimit): ClientLimit {
  checked('ratePerSecond', ratePerSecond, { above: 0 });
  if (burst !== undefined) checked('burst', burst, { least: 1 });
  if (perByte !== undefined) checked('perByte', perByte, { least: 0 });
  return { ratePerSecond, burst, perByte };
}
