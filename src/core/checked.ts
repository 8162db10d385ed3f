/** Checks on numbers that somebody sets. */
import { FulcrumError, invalidArgument } from './errors.js';

export interface Bounds {
  readonly above?: number;
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/** The value itself. Throws INVALID_ARGUMENT, saying what it must be. */
export function checked(name: string, value: number, bounds: Bounds): number {
  const { above = -Infinity, least = -Infinity, most = Number.MAX_VALUE, whole = false } = bounds;
  const isNumber = typeof value === 'number' && (!whole || Number.isSafeInteger(value));
  if (isNumber && value > above && value >= least && value <= most) return value;
  throw new FulcrumError(invalidArgument(`${name} must be ${describe(bounds)}, not ${String(value)}`));
}

function describe({ above, least, most, whole }: Bounds): string {
  const limits = [
    above === undefined ? '' : `above ${above}`,
    least === undefined ? '' : `at least ${least}`,
    most === undefined ? '' : `at most ${most}`,
  ].filter((limit) => limit !== '');
  return [whole === true ? 'a whole number' : 'a number', limits.join(' and ')].join(' ').trimEnd();
}
