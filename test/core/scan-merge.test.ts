import test from 'ava';
import fc from 'fast-check';
import type { Ballot } from '../../src/core/ballot.js';
import { compareIn, isInRange, restAfter, type KeyPage, type KeyRange } from '../../src/core/key-range.js';
import { majority } from '../../src/core/level.js';
import { Ring } from '../../src/core/ring.js';
import { ScanMerge, uncovered } from '../../src/core/scan-merge.js';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const ring = new Ring({ nodes: NODES, replicas: 3 });
const KEYS = ['a', 'b', 'ba', 'c', 'd\uffff', 'd\u{10000}', 'é', '\ud7ff', '\ue000', '\u{1f600}', 'z', 'zz'];
const EVERYTHING: KeyRange = { from: '', to: '', reverse: false };
const HOMES = ['n1', 'n2', 'n3'];

interface Held {
  readonly ballot: Ballot;
  readonly hasValue: boolean;
}

function ballotAt(time: number): Ballot {
  return { time, node: 'n1', incarnation: '00000000000000aa', sub: 0 };
}

/** What each node holds, and which keys a tombstone was ever chosen for. */
class Replicas {
  readonly deleted = new Set<string>();
  readonly #held = new Map(NODES.map((node) => [node, new Map<string, Held>()]));

  /** A replica takes only what is above what it has (PROTOCOL.md rule 5). */
  accept(node: string, key: string, held: Held): void {
    const records = this.#held.get(node)!;
    if (held.ballot.time <= (records.get(key)?.ballot.time ?? 0)) return;
    records.set(key, held);
    const copies = ring.homeReplicas(key).filter((home) => {
      const other = this.#held.get(home)!.get(key);
      return other?.hasValue === false && other.ballot.time === held.ballot.time;
    });
    if (copies.length >= majority(3)) this.deleted.add(key);
  }

  list(node: string, range: KeyRange, limit: number): KeyPage {
    const all = [...this.#held.get(node)!].filter(([key]) => isInRange(key, range));
    const looked = all.sort(([a], [b]) => compareIn(range, a, b)).slice(0, limit);
    return {
      keys: looked.filter(([, { hasValue }]) => hasValue).map(([key]) => key),
      deleted: looked.filter(([, { hasValue }]) => !hasValue).map(([key, { ballot }]) => ({ key, accepted: ballot })),
      through: all.length > limit ? looked.at(-1)![0] : null,
    };
  }
}

type Step =
  | { readonly kind: 'write'; readonly key: string; readonly homes: readonly number[]; readonly hasValue: boolean }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'newPage' };

const homes = fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 });
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        key: fc.constantFrom(...KEYS),
        homes,
        hasValue: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('newPage' as const) }) },
  ),
  { maxLength: 40 },
);

interface Walk {
  readonly found: string[];
  readonly replicas: Replicas;
}

/** A scan in pages, each list read at its own moment, with writes in between and one node lost. */
function walk(plan: readonly Step[], range: KeyRange, limits: readonly number[], lost: string | undefined): Walk {
  const replicas = new Replicas();
  const found: string[] = [];
  let time = 1;
  const write = (key: string, at: readonly string[], hasValue: boolean): void => {
    time += 1;
    for (const node of at) replicas.accept(node, key, { ballot: ballotAt(time), hasValue });
  };
  // Every key begins with a value that two of its home replicas hold: that much a QUORUM write vouches for.
  KEYS.forEach((key, index) =>
    write(
      key,
      ring.homeReplicas(key).filter((_, at) => at !== index % 3),
      true,
    ),
  );
  let asked = 0;
  let merge = new ScanMerge(NODES, range, (key) => ring.homeReplicas(key));
  let rest = range;
  if (lost !== undefined) merge.lose(lost);
  const feedOne = (): void => {
    const node = merge.hungry[asked % merge.hungry.length]!;
    asked += 1;
    const through = merge.throughOf(node);
    merge.add(
      node,
      replicas.list(node, through === undefined ? rest : restAfter(rest, through), limits[asked % limits.length]!),
    );
  };
  const take = (count: number): void => {
    for (let taken = 0; taken < count && !merge.isDone;) {
      const candidate = merge.next();
      if (candidate === undefined && merge.hungry.length > 0) return feedOne();
      if (candidate === undefined) return;
      found.push(candidate.key);
      taken += 1;
    }
  };
  for (const step of plan) {
    if (step.kind === 'write')
      write(
        step.key,
        step.homes.map((at) => ring.homeReplicas(step.key)[at]!),
        step.hasValue,
      );
    else if (step.kind === 'take') take(step.count);
    else if (merge.through !== undefined) {
      rest = restAfter(range, merge.through);
      merge = new ScanMerge(NODES, rest, (key) => ring.homeReplicas(key));
      if (lost !== undefined) merge.lose(lost);
    }
  }
  while (!merge.isDone) take(1);
  return { found, replicas };
}

const anyRange = fc.oneof(
  fc.constant(EVERYTHING),
  fc.record({ from: fc.constantFrom('', ...KEYS), to: fc.constantFrom('', ...KEYS), reverse: fc.boolean() }),
);
const anyLimits = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

test('each key that is never deleted is found exactly once, in order, whatever is written and whoever is lost', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(steps, anyRange, anyLimits, fc.constantFrom(undefined, ...NODES), (plan, range, limits, lost) => {
        const { found, replicas } = walk(plan, range, limits, lost);
        for (let i = 1; i < found.length; i += 1) {
          if (compareIn(range, found[i - 1]!, found[i]!) >= 0) throw new Error(`${found[i - 1]} before ${found[i]}`);
        }
        for (const key of KEYS) {
          if (!isInRange(key, range) && found.includes(key)) throw new Error(`${key} is outside`);
          if (isInRange(key, range) && !replicas.deleted.has(key) && !found.includes(key))
            throw new Error(`${key} is missing`);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

function merged(pages: Readonly<Record<string, KeyPage>>, lost: readonly string[] = []): ScanMerge {
  const merge = new ScanMerge(HOMES, EVERYTHING, () => HOMES);
  for (const [node, page] of Object.entries(pages)) merge.add(node, page);
  for (const node of lost) merge.lose(node);
  return merge;
}

function page(
  keys: readonly string[],
  deleted: readonly (readonly [string, number])[] = [],
  through: string | null = null,
): KeyPage {
  return { keys, deleted: deleted.map(([key, time]) => ({ key, accepted: ballotAt(time) })), through };
}

test('a tombstone that a majority holds under one ballot needs no look; any other one does', (t) => {
  const settled = merged({ n1: page([], [['k', 5]]), n2: page([], [['k', 5]]), n3: page([]) });
  t.is(settled.next(), undefined);
  t.true(settled.isDone);
  t.is(settled.through, 'k');
  for (const others of [
    { n2: page([], [['k', 6]]), n3: page([]) },
    { n2: page([]), n3: page([]) },
    { n2: page(['k']), n3: page([], [['k', 5]]) },
  ]) {
    t.deepEqual(merged({ n1: page([], [['k', 5]]), ...others }).next(), { key: 'k', sure: false });
  }
  t.deepEqual(merged({ n1: page([], [['k', 5]]), n2: page([]) }, ['n3']).next(), { key: 'k', sure: false });
});

test('a key is sure where a majority holds a value and nobody a tombstone', (t) => {
  t.deepEqual(merged({ n1: page(['k']), n2: page(['k']), n3: page([]) }).next(), { key: 'k', sure: true });
  t.deepEqual(merged({ n1: page(['k']), n2: page([]), n3: page([]) }).next(), { key: 'k', sure: false });
  t.deepEqual(merged({ n1: page(['k']), n2: page(['k']), n3: page([], [['k', 1]]) }).next(), { key: 'k', sure: false });
});

test('nothing is given out beyond what the slowest list was read through', (t) => {
  const merge = merged({ n1: page(['a', 'c', 'e'], [], 'e'), n2: page(['a', 'c'], [], 'c'), n3: page(['a'], [], 'b') });
  t.is(merge.next()?.key, 'a');
  t.is(merge.next(), undefined);
  t.is(merge.through, 'b');
  t.deepEqual(merge.hungry, ['n3']);
  merge.lose('n3');
  t.is(merge.next()?.key, 'c');
  t.is(merge.next(), undefined);
  t.deepEqual(merge.hungry, ['n2']);
  merge.add('n2', page(['d']));
  t.is(merge.next()?.key, 'd');
  t.is(merge.next()?.key, 'e');
  t.false(merge.isDone);
  merge.add('n1', page([]));
  t.true(merge.isDone);
});

test('a page without keys moves on to where it was read through', (t) => {
  const merge = merged({ n1: page([], [], 'm'), n2: page([], [], 'k'), n3: page([]) });
  t.is(merge.next(), undefined);
  t.is(merge.through, 'k');
  t.deepEqual(merge.hungry, ['n1', 'n2']);
});

test('what must have answered follows from the level and the home replicas, not from the number of nodes', (t) => {
  const lost = (...nodes: string[]): ReadonlySet<string> => new Set(nodes);
  const sets = [HOMES, ['n2', 'n3', 'n4'], ['n4', 'n5', 'n6']];
  t.is(uncovered(sets, lost(), 'ALL'), undefined);
  t.is(uncovered(sets, lost('n1'), 'ALL'), sets[0]);
  t.is(uncovered(sets, lost('n1', 'n5'), 'QUORUM'), undefined, 'two lost, but of no key two');
  t.is(uncovered(sets, lost('n3', 'n4'), 'QUORUM'), sets[1]);
  t.is(uncovered(sets, lost('n1', 'n2', 'n4', 'n5'), 'ONE'), undefined);
  t.is(uncovered(sets, lost('n4', 'n5', 'n6'), 'ONE'), sets[2]);
});
