/** What keeps calls away from nodes, for errors and reports. */
import type { Carrier } from './call.js';
import type { Broken } from './failures.js';
import type { NodePipe } from './node-pipe.js';

/** Whether an attempt handed to it now would be sent. */
export function isUsable(carrier: Carrier, nowMs: number): boolean {
  return carrier.ready && carrier.breaker.isAvailable(nowMs);
}

/** Whether nothing is known to speak against it. */
export function isWell(pipe: NodePipe, nowMs: number): boolean {
  return !pipe.isSilent && isUsable(pipe, nowMs);
}

export function brokenBy(pipes: readonly NodePipe[], required: number, received: number, nowMs: number): Broken {
  const waitsMs = pipes.map((pipe) => retryAfterMs(pipe, nowMs));
  return { broken: pipes.map(({ name }) => name), required, received, retryAfterMs: Math.min(...waitsMs) };
}

/** Asking takes no leave where none is given. */
export function retryAfterMs({ breaker }: NodePipe, nowMs: number): number {
  if (breaker.isAvailable(nowMs)) return 0;
  const refused = breaker.tryAcquire(nowMs);
  return refused.granted ? 0 : refused.retryAfterMs;
}

export function describeProblems(pipes: readonly NodePipe[]): string {
  return pipes.map((pipe) => `${pipe.name} (${pipe.address}): ${problemOf(pipe)}`).join('; ');
}

function problemOf(pipe: NodePipe): string {
  if (pipe.problem !== undefined) return pipe.problem.message;
  if (pipe.isSilent) return 'it has said nothing for a while';
  return pipe.open ? 'its connection takes no more' : 'not connected yet';
}
