/** What is wrong with a request, before anything is done for it: nothing that comes from outside is believed. */
import { isWellFormed, type Micros } from '../core/ballot.js';
import { isReserved, operationNameProblem } from '../core/claim.js';
import { CLOCK_BOUND_MS } from '../core/defaults.js';
import { isTtl, keyProblem, valueProblem } from '../core/limits.js';
import type { Form, Mutation } from '../core/operation.js';
import type { GetRequest, MutateRequest, Reply } from '../core/request.js';
import * as refusals from './refusals.js';

/** Who sent a request: a peer passes on only what this node should own; reserved keys are the cluster's own. */
export type Origin = 'client' | 'peer' | 'self';

/** The refusal, or undefined. `now`: this node's clock. */
export function requestProblem(request: GetRequest | MutateRequest, origin: Origin, now: Micros): Reply | undefined {
  const key = keyProblem(request.key);
  if (key !== undefined) return refusals.invalid(key);
  if (origin === 'client' && isReserved(request.key)) return refusals.reservedKey();
  if (!(request.timeoutMs > 0)) return refusals.timeout('the request arrived with no time left and nothing was done');
  return request.kind === 'get' ? undefined : operationProblem(request, now);
}

/** What a request holds in memory: its key and value. */
export function sizeOf(request: GetRequest | MutateRequest): number {
  if (request.kind === 'get') return request.key.length;
  const { mutation } = request.operation;
  return request.key.length + (mutation.kind === 'put' ? mutation.value.length : 0);
}

function operationProblem({ name, operation }: MutateRequest, now: Micros): Reply | undefined {
  const { mutation, id, form } = operation;
  const problem = (name === null ? undefined : operationNameProblem(name)) ?? mutationProblem(mutation, form);
  if (problem !== undefined) return refusals.invalid(problem);
  if (!isWellFormed(id) || id.sub !== 0) return refusals.invalid('the operation id is malformed');
  return id.time > now + CLOCK_BOUND_MS * 1_000 ? refusals.clockSkew('the operation was minted') : undefined;
}

function mutationProblem(mutation: Mutation, form: Form): string | undefined {
  if (mutation.expect !== null && form !== 'consensus') return 'a conditional write needs consensus';
  if (mutation.kind === 'delete') return undefined;
  if (!isTtl(mutation.ttlMs)) return 'ttlMs must be a whole number of milliseconds, at most 100 years';
  return valueProblem(mutation.value);
}
