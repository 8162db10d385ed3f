/** One line of an import or export: {"key": …, "value": …}. */
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { keyProblem } from '../core/limits.js';
import { fromJson, toJson, type Json } from '../edge/json-value.js';

export interface Pair {
  readonly key: string;
  readonly value: unknown;
}

/** Throws INVALID_ARGUMENT saying what is wrong with the line. */
export function parseLine(line: string): Pair {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch (error) {
    throw refusal(`it is not JSON (${(error as Error).message})`, error);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw refusal('it is not an object {"key": …, "value": …}');
  }
  const { key, value } = document as { key?: unknown; value?: unknown };
  const problem = keyProblem(key);
  if (problem !== undefined) throw refusal(problem);
  if (!('value' in document)) throw refusal('it has no "value"');
  return { key: key as string, value: fromJson(value as Json) };
}

export function formatLine({ key, value }: Pair): string {
  return `${JSON.stringify({ key, value: toJson(value) })}\n`;
}

function refusal(problem: string, cause?: unknown): FulcrumError {
  return new FulcrumError(invalidArgument(problem), { cause });
}
