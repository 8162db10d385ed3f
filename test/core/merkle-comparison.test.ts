import test from 'ava';
import fc from 'fast-check';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { MerkleComparison, type MerkleComparisonOptions } from '../../src/core/merkle-comparison.js';
import { MerkleForest } from '../../src/core/merkle-forest.js';
import { leafAt, placeOf } from '../../src/core/merkle-hash.js';
import { compareLeaf, type KeyBallot } from '../../src/core/merkle-leaf.js';
import { ballotAt } from './operations.js';

const HOMES = ['n1', 'n2', 'n3'];

class Side {
  readonly forest: MerkleForest;
  readonly records = new Map<string, Ballot>();

  constructor(self: string) {
    this.forest = new MerkleForest(self);
    this.forest.scanEnded();
  }

  write(key: string, accepted: Ballot, homes: readonly string[] = HOMES): void {
    this.forest.wrote(key, homes, this.records.get(key) ?? NO_BALLOT, accepted);
    this.records.set(key, accepted);
  }

  /** As the index of the store lists them. */
  leaves(wanted: readonly number[]): KeyBallot[] {
    const leaves = new Set(wanted);
    return Array.from(this.records, ([key, accepted]) => ({ key, accepted })).filter(({ key }) =>
      leaves.has(leafAt(placeOf(key))),
    );
  }
}

interface Found {
  readonly push: string[];
  readonly pull: string[];
  readonly comparison: MerkleComparison;
  /** Words of digests and, roughly, listed ballots, both ways. */
  readonly bytes: number;
  readonly keysListed: number;
  readonly progress: number[];
  /** Leaves of each list. */
  readonly lists: number[];
}

function compare(ours: Side, theirs: Side, peer: string, options?: MerkleComparisonOptions): Found {
  const comparison = new MerkleComparison(ours.forest, peer, options);
  const lists: number[] = [];
  const found = { push: [] as string[], pull: [] as string[], progress: [] as number[] };
  let bytes = 0;
  let keysListed = 0;
  let step = comparison.begin();
  while (step.do !== 'finish') {
    found.progress.push(comparison.progress);
    if (step.do === 'fail') throw new Error(step.reason);
    if (step.do === 'ask') {
      const digests = theirs.forest.answer(step.request)!;
      bytes += digests.byteLength + (step.request.kind === 'children' ? step.request.nodes.length * 4 : 64);
      step = comparison.onDigests(digests);
    } else {
      const [mine, other] = [ours.leaves(step.leaves), theirs.leaves(step.leaves)];
      keysListed += other.length;
      bytes += other.reduce((sum, { key }) => sum + key.length + 32, step.leaves.length * 4);
      const { push, pull } = compareLeaf(mine, other, Infinity);
      found.push.push(...push.map(({ key }) => key));
      found.pull.push(...pull.map(({ key }) => key));
      lists.push(step.leaves.length);
      step = comparison.onListed(Math.max(mine.length, other.length));
    }
  }
  return { ...found, comparison, bytes, keysListed, lists };
}

function pairOf(keys: number): [Side, Side] {
  const [ours, theirs] = [new Side('n1'), new Side('n2')];
  for (let i = 0; i < keys; i += 1) for (const side of [ours, theirs]) side.write(`user:${i}`, ballotAt(1_000_000 + i));
  return [ours, theirs];
}

test('equal replicas cost one exchange of one digest', (t) => {
  const [ours, theirs] = pairOf(1_000);
  const { comparison, bytes, push, pull } = compare(ours, theirs, 'n2');
  t.deepEqual([push, pull], [[], []]);
  t.is(comparison.exchanges, 1);
  t.is(comparison.digestsCompared, 1);
  t.is(comparison.progress, 1);
  t.true(bytes < 100);
});

test('one key of a million is found by 65 digests and the keys of one leaf, in less than two kilobytes', (t) => {
  const [ours, theirs] = pairOf(1_000_000);
  theirs.write('user:123456', ballotAt(9_000_000));
  const { comparison, bytes, push, pull, keysListed } = compare(ours, theirs, 'n2');
  t.deepEqual([push, pull], [[], ['user:123456']]);
  t.is(comparison.exchanges, 5);
  t.is(comparison.digestsCompared, 1 + 4 * 16);
  t.is(comparison.leavesListed, 1);
  t.log(`${comparison.exchanges} exchanges, ${keysListed} keys listed, ${bytes} bytes`);
  t.true(keysListed < 50 && bytes < 2_048, `${keysListed} keys, ${bytes} bytes`);
});

test('random differences between random replicas are found exactly', (t) => {
  const anySide = fc.dictionary(fc.constantFrom(...Array.from('abcdefghijkl')), fc.integer({ min: 1, max: 4 }));
  const anyOptions = fc.record({ nodesPerAsk: fc.integer({ min: 1, max: 5 }), leavesPerList: fc.integer({ min: 1, max: 3 }), leavesPerListMax: fc.integer({ min: 1, max: 9 }), keysPerList: fc.integer({ min: 1, max: 9 }) }); // prettier-ignore
  fc.assert(
    fc.property(anySide, anySide, anyOptions, (mine, other, options) => {
      const [ours, theirs] = [new Side('n1'), new Side('n2')];
      for (const [key, time] of Object.entries(mine)) ours.write(key, ballotAt(time));
      for (const [key, time] of Object.entries(other)) theirs.write(key, ballotAt(time));
      // Both know the tree, also where one of them holds nothing.
      for (const side of [ours, theirs]) side.write('everywhere', ballotAt(1));
      const { push, pull, comparison } = compare(ours, theirs, 'n2', options);
      const keys = [...new Set([...Object.keys(mine), ...Object.keys(other)])];
      t.deepEqual(push.sort(), keys.filter((key) => (mine[key] ?? 0) > (other[key] ?? 0)).sort());
      t.deepEqual(pull.sort(), keys.filter((key) => (other[key] ?? 0) > (mine[key] ?? 0)).sort());
      t.is(comparison.progress, 1);
    }),
    { numRuns: 40 },
  );
});

test('replicas that differ everywhere are compared in bounded questions, leaf by leaf, with progress that never falls', (t) => {
  const [ours, theirs] = [new Side('n1'), new Side('n2')];
  for (let i = 0; i < 3_000; i += 1) ours.write(`k${i}`, ballotAt(i + 1));
  theirs.write('k0', ballotAt(1));
  const { push, progress, comparison } = compare(ours, theirs, 'n2');
  t.is(push.length, 2_999);
  t.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  t.true(progress.some((share) => share > 0.3 && share < 0.7));
  t.is(comparison.progress, 1);
});

test('lists grow while their leaves hold few keys, and shrink to the keys they aim at where they hold many', (t) => {
  const [ours, theirs] = [new Side('n1'), new Side('n2')];
  for (let i = 0; i < 2_000; i += 1) ours.write(`k${i}`, ballotAt(i + 1));
  theirs.write('k0', ballotAt(1));
  const listsOf = (keysPerList: number): number[] => {
    const { push, lists } = compare(ours, theirs, 'n2', { leavesPerList: 16, keysPerList, leavesPerListMax: 128 });
    t.is(push.length, 1_999);
    return lists;
  };
  // Of so few keys nearly every leaf that holds one holds no other.
  const growing = listsOf(512);
  t.deepEqual([growing[0], growing.filter((leaves) => leaves > 128)], [16, []]);
  t.true(Math.max(...growing) > 32, growing.join());
  const [first, ...others] = listsOf(8);
  t.is(first, 16);
  t.true(Math.max(...others) <= 8);
});

test('each shared tree is compared, and one exchange tells which of them differ', (t) => {
  const lists = [['n1', 'n2', 'n3'], ['n1', 'n2', 'n4'], ['n1', 'n3', 'n4']]; // prettier-ignore
  const [ours, theirs] = [new Side('n1'), new Side('n2')];
  lists.forEach((homes, index) => {
    ours.write(`k${index}`, ballotAt(1), homes);
    if (homes.includes('n2')) theirs.write(`k${index}`, ballotAt(1), homes);
  });
  ours.write('k1', ballotAt(2), lists[1]);
  const { push, comparison } = compare(ours, theirs, 'n2');
  t.deepEqual(push, ['k1']);
  t.is(comparison.digestsCompared, 2 + 4 * 16);
});

test('digests that were not asked for, or are too few, end the comparison', (t) => {
  const [ours] = pairOf(10);
  const comparison = new MerkleComparison(ours.forest, 'n2');
  t.is(comparison.onDigests(new Uint32Array(2)).do, 'fail');
  comparison.begin();
  t.is(comparison.onDigests(new Uint32Array(4)).do, 'fail');
});

test('a node that shares nothing with a peer has nothing to ask', (t) => {
  t.is(new MerkleComparison(new Side('n1').forest, 'n2').begin().do, 'finish');
});

const at = (time: number): Ballot => (time === 0 ? NO_BALLOT : ballotAt(time));
const young = [
  { what: 'both old, ours higher', ours: 5, theirs: 4, verdict: 'push' },
  { what: 'both old, theirs higher', ours: 4, theirs: 5, verdict: 'pull' },
  { what: 'ours old, nothing there', ours: 4, theirs: 0, verdict: 'push' },
  { what: 'nothing here, theirs old', ours: 0, theirs: 4, verdict: 'pull' },
  { what: 'ours young, on its way there', ours: 10, theirs: 4, verdict: 'young' },
  { what: 'nothing here, theirs on its way', ours: 0, theirs: 10, verdict: 'young' },
  { what: 'both young', ours: 10, theirs: 11, verdict: 'young' },
  {
    what: 'ours old and replaced by what is on its way: it has to be known here',
    ours: 4,
    theirs: 10,
    verdict: 'pull',
  },
  { what: 'the same', ours: 10, theirs: 10, verdict: 'equal' },
] as const;
for (const { what, ours, theirs, verdict } of young) {
  test(`a key of a leaf with ${what}: ${verdict}`, (t) => {
    const list = (time: number): KeyBallot[] => (time === 0 ? [] : [{ key: 'k', accepted: at(time) }]);
    const result = compareLeaf(list(ours), list(theirs), 10);
    t.is(result.push.length, verdict === 'push' ? 1 : 0);
    t.is(result.pull.length, verdict === 'pull' ? 1 : 0);
    t.is(result.young, verdict === 'young' ? 1 : 0);
  });
}
