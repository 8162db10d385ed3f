import test from 'ava';
import fc from 'fast-check';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { compareKeys } from '../../src/core/key-order.js';
import { groupName, MerkleForest } from '../../src/core/merkle-forest.js';
import { crowdedBallot } from './arbitraries.js';
import { ballotAt } from './operations.js';

const HOMES = ['n1', 'n2', 'n3'];
const GROUP = groupName(HOMES);

function complete(records: Iterable<readonly [string, Ballot]>): MerkleForest {
  const forest = new MerkleForest('n1');
  forest.scanEnded();
  for (const [key, accepted] of records) forest.wrote(key, HOMES, NO_BALLOT, accepted);
  return forest;
}

const KEYS = ['a', 'b', 'c', '\uffee', '\u{1f600}'];
const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...KEYS), fc.oneof(crowdedBallot, fc.constant(NO_BALLOT))) },
  { weight: 1, arbitrary: fc.constant('scan' as const) },
);

test('a scan among writes enters every key once, with its newest ballot', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...KEYS), crowdedBallot), fc.array(anyStep), (stored, steps) => {
      const records = new Map<string, Ballot>(Object.entries(stored));
      const forest = new MerkleForest('n1');
      let scanned = '';
      const scan = (): boolean => {
        const next = [...records.keys()].sort(compareKeys).find((key) => compareKeys(key, scanned) > 0);
        if (next === undefined) return false;
        scanned = next;
        forest.scanned(next, HOMES, records.get(next)!);
        return true;
      };
      for (const step of steps) {
        if (step === 'scan') scan();
        else {
          const [key, after] = step;
          forest.wrote(key, HOMES, records.get(key) ?? NO_BALLOT, after);
          if (after === NO_BALLOT) records.delete(key);
          else records.set(key, after);
        }
      }
      while (scan());
      forest.scanEnded();
      const expected = complete(records);
      t.deepEqual(
        forest.answer({ kind: 'roots', groups: [GROUP] }),
        expected.answer({ kind: 'roots', groups: [GROUP] }),
      );
      t.is(forest.size, records.size);
    }),
  );
});

test('nothing is said about trees that are still being built', (t) => {
  const forest = new MerkleForest('n1');
  forest.wrote('a', HOMES, NO_BALLOT, ballotAt(1));
  t.is(forest.answer({ kind: 'roots', groups: [GROUP] }), undefined);
  forest.scanEnded();
  t.deepEqual(forest.answer({ kind: 'roots', groups: [GROUP] }), forest.tree(GROUP)!.root());
});

test('keys of which this node is no home are in none of its trees', (t) => {
  const forest = complete([]);
  forest.wrote('a', ['n2', 'n3', 'n4'], NO_BALLOT, ballotAt(1));
  t.is(forest.size, 0);
  t.deepEqual(forest.groupsWith('n2'), []);
});

test('the order of the home replicas does not matter, and a peer shares only the trees it is in', (t) => {
  const forest = complete([]);
  const lists = [['n1', 'n2', 'n3'], ['n3', 'n1', 'n2'], ['n1', 'n3', 'n4']]; // prettier-ignore
  for (const [index, homes] of lists.entries()) forest.wrote(`k${index}`, homes, NO_BALLOT, ballotAt(1));
  t.deepEqual(forest.groupsWith('n2'), ['n1 n2 n3']);
  t.deepEqual(forest.groupsWith('n3'), ['n1 n2 n3', 'n1 n3 n4']);
  t.is(forest.tree('n1 n2 n3')!.size, 2);
});

test('a tree that one node does not have yet is an empty one, and nodes out of range get no answer', (t) => {
  const forest = complete([]);
  t.deepEqual(forest.answer({ kind: 'roots', groups: ['x y'] }), new Uint32Array(2));
  t.deepEqual(forest.answer({ kind: 'children', group: 'x y', level: 0, nodes: [0] }), new Uint32Array(32));
  t.is(forest.answer({ kind: 'children', group: 'x y', level: 9, nodes: [0] }), undefined);
});
