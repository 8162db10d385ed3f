/** The conflict ledgers of several nodes as one: a conflict that several home replicas saw is listed once. */
import { compareKeys } from '../core/key-order.js';
import type { ReportedConflict } from '../ports/admin-calls.js';

/** `ledgers`: each in the order in which nodes list them, by key and then by the discarded version. */
export async function* mergedConflicts(
  ledgers: readonly AsyncIterator<ReportedConflict>[],
): AsyncGenerator<ReportedConflict> {
  const heads = await Promise.all(ledgers.map(async (ledger) => ({ ledger, next: await ledger.next() })));
  for (;;) {
    const waiting = heads.flatMap(({ next }) => (next.done === true ? [] : [next.value]));
    const [first, ...rest] = waiting.sort(compareNames);
    if (first === undefined) return;
    yield rest.filter((other) => compareNames(first, other) === 0).reduce(mergedSightings, first);
    for (const head of heads) {
      if (head.next.done !== true && compareNames(first, head.next.value) === 0) head.next = await head.ledger.next();
    }
  }
}

function compareNames(a: ReportedConflict, b: ReportedConflict): number {
  return compareKeys(nameOf(a), nameOf(b));
}

/** As the nodes name their entries. */
function nameOf({ key, discarded }: ReportedConflict): string {
  return `${key}\n${discarded.version}`;
}

/** The first sighting, every holder, and the surer judgement. */
function mergedSightings(a: ReportedConflict, b: ReportedConflict): ReportedConflict {
  const [first, second] = a.seenAtMs <= b.seenAtMs ? [a, b] : [b, a];
  const surer = second.certain && !first.certain ? second : first;
  const heldBy = [...new Set([...first.heldBy, ...second.heldBy])].sort();
  return { ...first, winner: surer.winner, certain: surer.certain, heldBy };
}
