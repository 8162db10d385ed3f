/** What the query of a request may say. Throws INVALID_ARGUMENT for what makes no sense. */
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { isLevel, LEVELS, type Level } from '../core/level.js';

export function levelOf(query: URLSearchParams): Level | undefined {
  const given = query.get('level')?.toUpperCase();
  if (given === undefined) return undefined;
  return isLevel(given) ? given : refuse(`level must be one of ${LEVELS.join(', ')}, not ${given}`);
}

/** A whole number; what it may be is judged where it is used. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  return /^\d{1,15}$/.test(given) ? Number(given) : refuse(`${name} must be a whole number, not ${given}`);
}

export function flagOf(query: URLSearchParams, name: string): boolean | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  if (given === '' || given === 'true') return true;
  return given === 'false' ? false : refuse(`${name} must be true or false, not ${given}`);
}

/** Nothing that is misspelt is passed over. */
export function checkNames(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) refuse(`${name} is not understood here; there is ${known.join(', ')}`);
  }
}

function refuse(message: string): never {
  throw new FulcrumError(invalidArgument(`In the query: ${message}. Nothing was done.`));
}
