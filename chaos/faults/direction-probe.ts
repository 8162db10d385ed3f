/** How data gets from one party to another, seen on every proxy that carries it. */
import { CLIENTS } from '../network.js';
import type { ChaosTarget } from './fault.js';
import { probePath, type PathSight, type ProbeOptions } from './path-probe.js';

export interface DirectionSight {
  /** On a connection that the sender dialled: a PING through it goes the stated way first. undefined: there is none. */
  readonly asked: PathSight | undefined;
  /** On a connection that the receiver dialled: what the sender answers on it. undefined: there is none. */
  readonly answered: PathSight | undefined;
  /** Whether the nodes at the ends answer without any proxy. Where they do not, silence proves nothing. */
  readonly nodesAnswer: boolean;
}

export async function lookAlong(
  { targets, network, tls }: ChaosTarget,
  from: string,
  to: string,
  look: Omit<ProbeOptions, 'tls'>,
): Promise<DirectionSight> {
  const options = { ...look, tls };
  const direct = targets.filter(({ id }) => id === from || id === to);
  const [asked, answered, bare] = await Promise.all([
    to === CLIENTS ? undefined : probePath(network.address(from, to), options),
    from === CLIENTS ? undefined : probePath(network.address(to, from), options),
    Promise.all(direct.map(({ address }) => probePath(address, { timeoutMs: options.timeoutMs, tls }))),
  ]);
  return { asked, answered, nodesAnswer: bare.every((sight) => sight.roundTripMs !== undefined) };
}
