/** A fault that is one toxic on one or more directed links. */
import type { NewToxic } from '../network.js';
import { lookAlong, type DirectionSight } from './direction-probe.js';
import { newLabel, type ChaosTarget, type Fault } from './fault.js';
import { pairsOf, type Pair } from './parties.js';
import type { ProbeOptions } from './path-probe.js';

export interface Link {
  /** Who sends: a node, `clients`, or `*` for every node. */
  readonly from: string;
  /** Who receives. */
  readonly to: string;
  /** Names its toxics; by default a label of its own. */
  readonly label?: string | undefined;
}

export interface LinkFault {
  readonly kind: string;
  /** As it follows the parties in a description. */
  readonly detail: string;
  readonly toxic: NewToxic;
  readonly look: ProbeOptions;
  /** What is missing in what was seen between two nodes that answer; undefined: nothing. */
  readonly missing: (sight: DirectionSight, pair: Pair) => string | undefined;
}

export function linkFault(target: ChaosTarget, link: Link, fault: LinkFault): Fault {
  const { network } = target;
  const pairs = pairsOf(link.from, link.to, network.nodes);
  const { label = newLabel(fault.kind) } = link;
  return {
    description: `${fault.kind} ${link.from} > ${link.to}${fault.detail}`,
    async inject() {
      await Promise.all(pairs.map(({ from, to }) => network.add(label, from, to, fault.toxic)));
    },
    async probe() {
      const placed = await network.toxics();
      const seen = await Promise.all(
        pairs.map(async (pair) => {
          if (!placed.some((one) => one.label === label && one.from === pair.from && one.to === pair.to)) {
            return `${pair.from} > ${pair.to} is as before`;
          }
          // A cut or a dead node hides every other effect; then the proxy's word has to do.
          if (isHidden(placed, pair, label)) return undefined;
          const sight = await lookAlong(target, pair.from, pair.to, fault.look);
          return sight.nodesAnswer ? fault.missing(sight, pair) : undefined;
        }),
      );
      return seen.find((problem) => problem !== undefined);
    },
    heal: () => network.remove(label),
  };
}

interface Placed extends Pair {
  readonly label: string;
  readonly type: string;
}

function isHidden(placed: readonly Placed[], { from, to }: Pair, label: string): boolean {
  return placed.some(
    (one) =>
      one.label !== label &&
      ['timeout', 'reset_peer'].includes(one.type) &&
      ((one.from === from && one.to === to) || (one.from === to && one.to === from)),
  );
}
