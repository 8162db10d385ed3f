/** Nothing gets through in the stated directions; connections stay open, as they do when packets are lost. */
import { CLIENTS, type PlacedToxic } from '../network.js';
import { lookAlong, type DirectionSight } from './direction-probe.js';
import { newLabel, type ChaosTarget, type Fault } from './fault.js';
import { parsePartition, type Cut } from './partition-expression.js';

/** So long nothing must come, while the nodes answer when they are asked directly. */
const SILENCE_MS = 400;

/** Throws INVALID_ARGUMENT for an expression that is none; see partition-expression.ts. */
export function partition(target: ChaosTarget, expression: string, label = newLabel('partition')): Fault {
  const { network } = target;
  const cuts = cutsOf(target, expression);
  return {
    description: `partition ${expression}`,
    async inject() {
      const toxic = { type: 'timeout', attributes: { timeout: 0 } } as const;
      const placed = await network.toxics();
      const missing = cuts.filter((cut) => !isPlaced(placed, cut, label));
      await Promise.all(missing.map(({ from, to }) => network.add(label, from, to, toxic)));
    },
    async probe() {
      const placed = await network.toxics();
      const missing = cuts.find((cut) => !isPlaced(placed, cut, label));
      if (missing !== undefined) return `${missing.from} > ${missing.to} is not cut`;
      const seen = await Promise.all(cuts.map((cut) => probeCut(target, cuts, cut)));
      return seen.find((problem) => problem !== undefined);
    },
    async heal() {
      await Promise.all(cuts.map(({ from, to }) => network.remove(label, from, to)));
    },
  };
}

/** Throws INVALID_ARGUMENT. */
export function cutsOf({ network }: ChaosTarget, expression: string): Cut[] {
  return parsePartition(expression, { nodes: network.nodes, clients: CLIENTS });
}

async function probeCut(target: ChaosTarget, cuts: readonly Cut[], cut: Cut): Promise<string | undefined> {
  const { from, to } = cut;
  const sight = await lookAlong(target, from, to, { timeoutMs: SILENCE_MS });
  // A node that is down or paused is silent whatever the network does: the proxy's word has to do.
  if (!sight.nodesAnswer) return undefined;
  if (sight.asked?.roundTripMs !== undefined) return `${to} answers ${from}`;
  if (sight.answered?.firstFrameMs !== undefined) return `${to} hears ${from}`;
  const isBothWays = cuts.some((other) => other.from === to && other.to === from);
  return isBothWays ? undefined : oneWayProblem(target, cut, sight);
}

/**
 * The other direction must be open, unless another fault closes it. With TLS a server says nothing before it has heard
 * something, so that nothing can be seen of it: the proxy's word has to do.
 */
async function oneWayProblem(
  target: ChaosTarget,
  { from, to }: Cut,
  sight: DirectionSight,
): Promise<string | undefined> {
  if (target.tls !== undefined) return undefined;
  if (sight.asked === undefined || sight.asked.firstFrameMs !== undefined) return undefined;
  const hurt = await target.network.toxics();
  return hurt.some((toxic) => toxic.from === to && toxic.to === from)
    ? undefined
    : `${from} does not hear ${to} either`;
}

function isPlaced(placed: readonly PlacedToxic[], { from, to }: Cut, label: string): boolean {
  return placed.some((toxic) => toxic.label === label && toxic.from === from && toxic.to === to);
}
