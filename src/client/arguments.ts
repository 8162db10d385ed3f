/** Checks on what a call of the client is given, besides its options. */
import { keyProblem } from '../core/limits.js';
import { refuse, type CallOptions } from './options.js';

/** Array.isArray would make `any` of what it looks at. */
export function isList(value: unknown): boolean {
  return Array.isArray(value);
}

export function signalOf({ signal }: CallOptions): AbortSignal | undefined {
  if (signal === undefined || typeof (signal as Partial<AbortSignal> | null)?.addEventListener === 'function')
    return signal;
  return refuse('signal must be an AbortSignal');
}

export function checkKey(key: unknown): void {
  const problem = keyProblem(key);
  if (problem !== undefined) refuse(problem);
}
