/**
 * Partitions in words. Clauses are separated by commas, nodes by spaces:
 *
 *     n1 | n2 n3        sides that do not reach each other; any number of them
 *     n1 > n2           nothing gets from n1 to n2, but from n2 to n1
 *     isolate n2        it reaches no other node, and none reaches it; several are isolated from each other too
 *     bridge n3         the others fall into two halves that only n3 reaches
 *     ring              every node reaches its two neighbours only, in the order of their names
 *
 * `clients` stands for all clients in the first two. Who is not named keeps every link.
 */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';

/** No data gets from one to the other. */
export interface Cut {
  readonly from: string;
  readonly to: string;
}

export interface Parties {
  /** In order. */
  readonly nodes: readonly string[];
  /** What stands for all clients. */
  readonly clients: string;
}

/** Each cut once. Throws INVALID_ARGUMENT saying what is wrong, with an example. */
export function parsePartition(expression: string, parties: Parties): Cut[] {
  const clauses = expression.split(',').map((clause) => clause.trim());
  if (clauses.some((clause) => clause === '')) throw refusal(expression, 'it has an empty part');
  const cuts = clauses.flatMap((clause) => parseClause(clause, parties));
  return [...new Map(cuts.map((cut) => [`${cut.from}>${cut.to}`, cut])).values()];
}

function parseClause(clause: string, parties: Parties): Cut[] {
  const [word = '', ...rest] = clause.split(/\s+/);
  if (Object.hasOwn(SHAPES, word) && !parties.nodes.includes(word)) return SHAPES[word]!(clause, rest, parties.nodes);
  const isOneWay = clause.includes('>');
  if (isOneWay && clause.includes('|')) throw refusal(clause, 'it mixes | and >: use a comma between them');
  const sides = clause.split(isOneWay ? '>' : '|').map((side) => side.split(/\s+/).filter((name) => name !== ''));
  if (sides.length < 2) throw refusal(clause, 'it has one side only');
  if (isOneWay && sides.length > 2) throw refusal(clause, 'it has more than one >: use a comma between them');
  if (sides.some((side) => side.length === 0)) throw refusal(clause, 'one side is empty');
  for (const name of sides.flat()) check(clause, name, [...parties.nodes, parties.clients]);
  refuseTwice(clause, sides.flat());
  const [senders = [], receivers = []] = sides;
  return isOneWay ? oneWay(senders, receivers) : apart(sides);
}

type Shape = (clause: string, named: readonly string[], nodes: readonly string[]) => Cut[];

const SHAPES: Readonly<Record<string, Shape>> = {
  isolate(clause, named, nodes) {
    if (named.length === 0) throw refusal(clause, 'it does not say which node');
    for (const name of named) check(clause, name, nodes);
    refuseTwice(clause, named);
    const others = nodes.filter((node) => !named.includes(node));
    return apart([...named.map((name) => [name]), others]);
  },
  bridge(clause, named, nodes) {
    const [bridge] = named;
    if (bridge === undefined || named.length > 1) throw refusal(clause, 'it must name one node');
    check(clause, bridge, nodes);
    const others = nodes.filter((node) => node !== bridge);
    if (others.length < 2) throw refusal(clause, 'a bridge needs at least 3 nodes');
    const middle = Math.ceil(others.length / 2);
    return apart([others.slice(0, middle), others.slice(middle)]);
  },
  ring(clause, named, nodes) {
    if (named.length > 0) throw refusal(clause, 'ring takes no names');
    if (nodes.length < 4) throw refusal(clause, `in a ring of ${nodes.length} nodes all are neighbours: it needs 4`);
    return nodes.flatMap((from, i) =>
      nodes.filter((_, j) => isStranger(i, j, nodes.length)).map((to): Cut => ({ from, to })),
    );
  },
};

function isStranger(i: number, j: number, count: number): boolean {
  const distance = Math.abs(i - j);
  return distance > 1 && distance < count - 1;
}

function apart(sides: readonly (readonly string[])[]): Cut[] {
  return sides.flatMap((from) => sides.filter((to) => to !== from).flatMap((to) => oneWay(from, to)));
}

function oneWay(senders: readonly string[], receivers: readonly string[]): Cut[] {
  return senders.flatMap((from) => receivers.map((to): Cut => ({ from, to })));
}

function check(clause: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw refusal(clause, `there is no ${JSON.stringify(name)}, only ${known.join(', ')}`);
}

function refuseTwice(clause: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refusal(clause, `it names ${twice} twice`);
}

function refusal(clause: string, why: string): FulcrumError {
  const examples = '"n1 | n2 n3", "n1 > n2", "isolate n2", "bridge n3" or "ring"';
  return new FulcrumError(
    invalidArgument(`${JSON.stringify(clause)} is no partition: ${why}. A partition reads ${examples}`),
  );
}
