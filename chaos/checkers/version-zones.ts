/**
 * What versions alone say about an order, in O(n log n): Gibbons and Korach, "Testing shared memories", 1997.
 *
 * A version that can be entered once, with everything that looks at it, is a block: nothing else comes in
 * between. A compare-and-set follows the version it compared directly, so it continues that block. Block A must
 * come before block B where some operation of A ended before some operation of B began. Let m be the earliest
 * end in a block and M the latest start: A before B iff m(A) < M(B), so no order exists iff two blocks must each
 * come before the other, that is iff the stretches m..M of two blocks with m < M overlap, or the stretch M..m of
 * a block lies inside such a stretch. Otherwise ordering blocks by min(m, M) is one possible order, which the
 * search tries first; only what versions do not say (absence, conditions that failed) can lead it astray.
 */
import { LOOK, type RegisterModel } from './register-model.js';
import { IMPOSSIBLE } from './register-states.js';

export interface Zones {
  /** False: certainly not linearizable. */
  readonly possible: boolean;
  /** For each state, where its block comes; Infinity where nothing says so. */
  readonly order: Float64Array;
}

interface Block {
  /** The earliest end and the latest start of its members. */
  firstEnd: number;
  lastStart: number;
  /** A member ended before one began that must come earlier. */
  broken: boolean;
}

/** Operations of a block that may stand in any order between them. */
interface Group {
  firstEnd: number;
  firstStart: number;
  lastStart: number;
}

interface VersionUse {
  writer: Group | undefined;
  readers: Group | undefined;
  /** The mutations that need exactly this state, and where they lead. */
  readonly followers: { readonly group: Group; readonly target: number }[];
}

export function zonesOf(model: RegisterModel, initial: number): Zones {
  const { table } = model;
  const order = new Float64Array(table.size).fill(Infinity);
  const uses = usesOf(model, initial);
  const followed = new Set<number>();
  for (const { followers } of uses.values())
    for (const { target } of followers) if (uses.has(target)) followed.add(target);
  const blocks: Block[] = [];
  const placed = new Set<number>();
  for (const state of uses.keys()) {
    if (followed.has(state)) continue;
    const block = walk(state, uses, placed);
    if (block === undefined || block.broken) return { possible: false, order };
    for (const member of block.states) order[member] = keyOf(block);
    if (block.firstEnd !== Infinity || block.lastStart !== -Infinity) blocks.push(block);
  }
  // What no walk reached are compare-and-sets that lead to each other in a ring.
  const ring = [...uses.keys()].some((state) => !placed.has(state));
  return { possible: !ring && !overlapping(blocks), order };
}

function usesOf(model: RegisterModel, initial: number): Map<number, VersionUse> {
  const { table, steps } = model;
  const uses = new Map<number, VersionUse>();
  for (let state = IMPOSSIBLE; state < table.size; state += 1) {
    if (table.isUnique(state, initial)) uses.set(state, { writer: undefined, readers: undefined, followers: [] });
  }
  const start = uses.get(initial);
  if (start !== undefined) start.writer = { firstEnd: -Infinity, firstStart: -Infinity, lastStart: -Infinity };
  for (const { call, need, target } of steps) {
    const writes = uses.get(target);
    if (writes !== undefined) writes.writer = grow(writes.writer, call.start, call.end);
    const looked = need.test === 'is' ? uses.get(need.state) : undefined;
    if (looked === undefined) continue;
    if (target === LOOK) looked.readers = grow(looked.readers, call.start, call.end);
    else looked.followers.push({ group: grow(undefined, call.start, call.end), target });
  }
  addAlternatives(uses, model, initial);
  for (const [state, { writer }] of uses) if (writer === undefined && table.demand[state] === 0) uses.delete(state);
  return uses;
}

/** What only optional calls may have written, and somebody needs. */
function addAlternatives(
  uses: ReadonlyMap<number, VersionUse>,
  { table, pools }: RegisterModel,
  initial: number,
): void {
  for (const { targets, starts } of pools) {
    for (const target of targets) {
      const writes = uses.get(target);
      if (writes === undefined || target === initial || table.demand[target] === 0) continue;
      writes.writer = alternative(writes.writer, starts[0]!);
    }
  }
}

function grow(group: Group | undefined, start: number, end: number): Group {
  if (group === undefined) return { firstEnd: end, firstStart: start, lastStart: start };
  return {
    firstEnd: Math.min(group.firstEnd, end),
    firstStart: Math.min(group.firstStart, start),
    lastStart: Math.max(group.lastStart, start),
  };
}

/** One of several optional calls wrote it: the earliest is the one that constrains least. */
function alternative(group: Group | undefined, start: number): Group {
  if (group === undefined) return { firstEnd: Infinity, firstStart: start, lastStart: start };
  const least = Math.min(group.lastStart, start);
  return { firstEnd: group.firstEnd, firstStart: least, lastStart: least };
}

/** The block that begins with a state; undefined where nobody wrote it, or two mutations followed one version. */
function walk(
  first: number,
  uses: ReadonlyMap<number, VersionUse>,
  placed: Set<number>,
): (Block & { states: number[] }) | undefined {
  const block = { firstEnd: Infinity, lastStart: -Infinity, broken: false, states: [] as number[] };
  let state: number | undefined = first;
  while (state !== undefined) {
    const use: VersionUse | undefined = uses.get(state);
    if (use === undefined) break;
    if (use.writer === undefined || use.followers.length > 1) return undefined;
    placed.add(state);
    block.states.push(state);
    if (state === first) extend(block, use.writer);
    if (use.readers !== undefined) extend(block, use.readers);
    const follower: VersionUse['followers'][number] | undefined = use.followers[0];
    if (follower !== undefined) extend(block, follower.group);
    state = follower?.target;
  }
  return block;
}

function extend(block: Block, group: Group): void {
  if (group.firstEnd < block.lastStart) block.broken = true;
  block.firstEnd = Math.min(block.firstEnd, group.firstEnd);
  block.lastStart = Math.max(block.lastStart, group.lastStart);
}

/** A block that lies before the beginning of another's stretch goes first also where the two touch. */
function keyOf(block: Block): number {
  return block.firstEnd < block.lastStart ? block.firstEnd : block.lastStart - 0.25;
}

function overlapping(blocks: readonly Block[]): boolean {
  const stretches = blocks
    .filter(({ firstEnd, lastStart }) => firstEnd < lastStart)
    .sort((a, b) => a.firstEnd - b.firstEnd);
  for (let i = 1; i < stretches.length; i += 1) if (stretches[i]!.firstEnd < stretches[i - 1]!.lastStart) return true;
  return blocks.some(({ firstEnd, lastStart }) => {
    if (firstEnd < lastStart) return false;
    const around = stretches[lastBefore(stretches, lastStart)];
    return around !== undefined && around.firstEnd < lastStart && firstEnd < around.lastStart;
  });
}

/** The last stretch that begins before a moment, -1 if none does. */
function lastBefore(stretches: readonly Block[], moment: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (stretches[middle]!.firstEnd < moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
