import test from 'ava';
import fc from 'fast-check';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { keyOfPlaceName, leafAt, leafNames, LEAVES, placeName, placeOf } from '../../src/core/merkle-hash.js';
import { areNodes, MERKLE_TREE_BYTES, MerkleTree } from '../../src/core/merkle-tree.js';
import { crowdedBallot } from './arbitraries.js';
import { ballotAt } from './operations.js';

function treeOf(records: Iterable<readonly [string, Ballot]>): MerkleTree {
  const tree = new MerkleTree();
  for (const [key, accepted] of records) tree.update(key, NO_BALLOT, accepted);
  return tree;
}

const anyChange = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.oneof({ weight: 4, arbitrary: crowdedBallot }, { weight: 1, arbitrary: fc.constant(NO_BALLOT) }),
);

test('a tree that followed every change is the one that is built from what is left', (t) => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 40 }), (changes) => {
      const tree = new MerkleTree();
      const records = new Map<string, Ballot>();
      for (const [key, after] of changes) {
        tree.update(key, records.get(key) ?? NO_BALLOT, after);
        if (after === NO_BALLOT) records.delete(key);
        else records.set(key, after);
      }
      const rebuilt = treeOf(records);
      t.is(tree.size, records.size);
      t.deepEqual(tree.root(), rebuilt.root());
      for (const key of records.keys()) {
        const parent = Math.floor(leafAt(placeOf(key)) / 16);
        t.deepEqual(tree.children(3, [parent]), rebuilt.children(3, [parent]));
      }
    }),
  );
});

test('every part of an accepted ballot shows in the root, down to one microsecond and one step of the owner', (t) => {
  const base = ballotAt(1_700_000_000_000_000, 'n1', 3);
  const others = [
    base,
    { ...base, time: base.time + 1 },
    { ...base, time: base.time + 2 ** 32 },
    { ...base, sub: 4 },
    { ...base, incarnation: '1'.repeat(16) },
    NO_BALLOT,
  ];
  t.is(
    new Set(
      others.map((ballot) =>
        treeOf([['k', ballot]])
          .root()
          .join(),
      ),
    ).size,
    others.length,
  );
});

test('two keys that exchange their ballots are not equal to what they were', (t) => {
  const [one, two] = [ballotAt(1), ballotAt(2)];
  const before = treeOf([['a', one], ['b', two]]); // prettier-ignore
  const after = treeOf([['a', two], ['b', one]]); // prettier-ignore
  t.notDeepEqual(before.root(), after.root());
});

test('a digest is the sum of its children in each lane', (t) => {
  const tree = treeOf(Array.from({ length: 500 }, (_, index) => [`k${index}`, ballotAt(index + 1)] as const));
  const level1 = tree.children(0, [0]);
  const sum = [0, 0];
  for (let at = 0; at < level1.length; at += 1) sum[at % 2] = (sum[at % 2]! + level1[at]!) >>> 0;
  t.deepEqual([...tree.root()], sum);
});

test('keys spread evenly over the leaves, also those that begin alike', (t) => {
  const leaves = new Uint16Array(LEAVES);
  const keys = 200_000;
  for (let i = 0; i < keys; i += 1) leaves[leafAt(placeOf(`user:profile:${i}`))]! += 1;
  // A mean of 3; Poisson leaves 1 in 20 empty and none above 20.
  t.true(leaves.reduce((most, count) => Math.max(most, count), 0) < 20);
  const empty = leaves.reduce((count, keysOfLeaf) => count + (keysOfLeaf === 0 ? 1 : 0), 0) / LEAVES;
  t.true(empty > 0.03 && empty < 0.07, `${empty}`);
});

test('the names of the keys of a leaf lie in its range and no others do', (t) => {
  for (let i = 0; i < 2_000; i += 1) {
    const key = `k${i}`;
    const name = placeName(key);
    t.is(keyOfPlaceName(name), key);
    const leaf = leafAt(placeOf(key));
    for (const other of [leaf - 1, leaf, leaf + 1].filter((index) => index >= 0 && index < LEAVES)) {
      const { from, to } = leafNames(other);
      t.is(name >= from && name < to, other === leaf, `${name} in ${other}`);
    }
  }
  t.true(leafNames(LEAVES - 1).to > 'ffffffff' + '\u{10ffff}');
});

test('nodes out of range are told apart, whatever a peer sends', (t) => {
  t.true(areNodes(0, [0]));
  t.true(areNodes(3, [0, 4_095]));
  for (const [level, nodes] of [
    [4, [0]],
    [-1, [0]],
    [0.5, [0]],
    [0, [1]],
    [2, [256]],
    [2, [-1]],
    [2, [1.5]],
  ] as const)
    // prettier-ignore
    t.false(areNodes(level, nodes), `${level} ${nodes.join()}`);
});

test('a tree takes as much memory as it says, whatever is in it', (t) => {
  t.is(MERKLE_TREE_BYTES, 559_240);
});
