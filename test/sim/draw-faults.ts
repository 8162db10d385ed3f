/** What goes wrong in a run, and what else is done to the cluster, and when. */
import { POLICIES } from '../../src/core/policy.js';
import type { Fault } from './plan.js';
import type { Prng } from './prng.js';

export function drawFaults(nodes: readonly string[], operations: number, random: Prng): Fault[] {
  const count = random.pick([0, 1, 2, 4, 8]);
  return Array.from({ length: count }, () => drawFault(nodes, random.below(operations), random));
}

/** Deletions that are to be forgotten, and changes of the policy. */
export function drawUpkeep(
  nodes: readonly string[],
  keys: readonly string[],
  operations: number,
  random: Prng,
): Fault[] {
  const collections = random.pick([0, 2, 10, 30]);
  const changes = random.pick([0, 0, 1, 2, 4]);
  return [
    ...Array.from({ length: collections }, (): Fault => {
      const after = random.below(operations);
      return { kind: 'collect', node: random.pick(nodes), key: random.pick(keys), after };
    }),
    ...Array.from({ length: changes }, (): Fault => {
      const after = random.below(operations);
      return { kind: 'policy', node: random.pick(nodes), policy: random.pick(POLICIES), after };
    }),
  ];
}

function drawFault(nodes: readonly string[], after: number, random: Prng): Fault {
  const node = random.pick(nodes);
  const forMs = random.around(random.pick([20, 200, 1_500]));
  switch (
    random.pick(['partition', 'partition', 'crash', 'crash', 'pause', 'slow disk', 'lose link', 'clock'] as const)
  ) {
    case 'partition':
      return { kind: 'partition', ...drawPartition(nodes, random), stall: random.chance(0.4), after, forMs };
    case 'crash':
      return { kind: 'crash', nodes: random.chance(0.15) ? nodes : [node], after, forMs };
    case 'pause':
      return { kind: 'pause', node, after, forMs };
    case 'slow disk':
      return { kind: 'slow disk', node, writeMs: random.pick([30, 200]), after, forMs };
    case 'lose link':
      return { kind: 'lose link', from: node, to: random.pick(nodes.filter((other) => other !== node)), after };
    case 'clock':
      return random.chance(0.5)
        ? { kind: 'jump', node, byMs: random.pick([-1, 1]) * random.around(random.pick([100, 1_000, 60_000])), after }
        : { kind: 'drift', node, ppm: random.between(-50_000, 50_000), after };
  }
}

function drawPartition(nodes: readonly string[], random: Prng): { name: string; cut: string[] } {
  const order = random.shuffle(nodes);
  const half = order.slice(0, Math.ceil(order.length / 2));
  const first = order[0]!;
  const apart = (left: readonly string[], right: readonly string[]): string[] =>
    left.flatMap((a) => right.flatMap((b) => [`${a}>${b}`, `${b}>${a}`]));
  switch (random.pick(['halves', 'one-way', 'bridge', 'ring', 'isolated'] as const)) {
    case 'halves':
      return {
        name: `${half.join()} | ${order.slice(half.length).join()}`,
        cut: apart(half, order.slice(half.length)),
      };
    case 'one-way':
      return { name: `${first} unheard`, cut: order.slice(1).map((other) => `${first}>${other}`) };
    case 'bridge': {
      const sides = order.slice(1);
      const left = sides.slice(0, Math.ceil(sides.length / 2));
      return { name: `${first} a bridge`, cut: apart(left, sides.slice(left.length)) };
    }
    case 'ring': {
      // Each node hears its two neighbours only; of three nodes, each is heard by one and hears the other.
      const heard = (a: number, b: number): boolean =>
        order.length === 3
          ? (b - a + 3) % 3 === 1
          : [1, order.length - 1].includes((b - a + order.length) % order.length);
      const cut = order.flatMap((a, i) => order.flatMap((b, j) => (i === j || heard(i, j) ? [] : [`${a}>${b}`])));
      return { name: `ring ${order.join()}`, cut };
    }
    case 'isolated':
      return { name: `${first} isolated`, cut: apart([first], order.slice(1)) };
  }
}
