import test from 'ava';
import fc from 'fast-check';
import { Ring } from '../../src/core/ring.js';

const keys = Array.from({ length: 5_000 }, (_, index) => `user:${index}`);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index + 1}`);

const shapes = [
  { nodes: 1, replicas: 3, expected: 1 },
  { nodes: 2, replicas: 3, expected: 2 },
  { nodes: 3, replicas: 3, expected: 3 },
  { nodes: 5, replicas: 3, expected: 3 },
  { nodes: 9, replicas: 5, expected: 5 },
];
for (const { nodes, replicas, expected } of shapes) {
  test(`of ${nodes} nodes a key with ${replicas} replicas has ${expected} different homes`, (t) => {
    const ring = new Ring({ nodes: names(nodes), replicas });
    for (const key of keys) {
      const homes = ring.homeReplicas(key);
      t.is(new Set(homes).size, expected);
      t.is(homes.length, expected);
      t.is(ring.primary(key), homes[0]!);
    }
  });
}

test('the order in which nodes are listed does not matter', (t) => {
  fc.assert(
    fc.property(fc.shuffledSubarray(names(5), { minLength: 5 }), fc.string({ minLength: 1 }), (nodes, key) => {
      const [a, b] = [new Ring({ nodes, replicas: 3 }), new Ring({ nodes: names(5), replicas: 3 })];
      t.deepEqual(a.homeReplicas(key), b.homeReplicas(key));
    }),
  );
});

test('keys with the same homes share one list', (t) => {
  const ring = new Ring({ nodes: names(5), replicas: 3 });
  const lists = new Set(keys.map((key) => ring.homeReplicas(key)));
  t.is(lists.size, new Set([...lists].map((homes) => homes.join(' '))).size);
});

test('every node is primary of a fair share: between a third and three times the mean', (t) => {
  for (const count of [3, 5, 8]) {
    const ring = new Ring({ nodes: names(count), replicas: 3 });
    const owned = new Map<string, number>(names(count).map((node) => [node, 0]));
    for (const key of keys) owned.set(ring.primary(key), owned.get(ring.primary(key))! + 1);
    const mean = keys.length / count;
    for (const [node, share] of owned) t.true(share > mean / 3 && share < mean * 3, `${node} of ${count}: ${share}`);
  }
});

test('more virtual nodes spread the keys more evenly', (t) => {
  const spread = (virtualNodes: number): number => {
    const ring = new Ring({ nodes: names(5), replicas: 3, virtualNodes });
    const owned = names(5).map((node) => keys.filter((key) => ring.primary(key) === node).length);
    return Math.max(...owned) - Math.min(...owned);
  };
  t.true(spread(256) < spread(1));
});

for (const count of [3, 4, 5, 8]) {
  test(`a node added to ${count} takes places in home lists and moves nothing else`, (t) => {
    const before = new Ring({ nodes: names(count), replicas: 3 });
    const after = new Ring({ nodes: names(count + 1), replicas: 3 });
    const added = `n${count + 1}`;
    let taken = 0;
    for (const key of keys) {
      const homes = after.homeReplicas(key);
      const others = homes.filter((node) => node !== added);
      t.deepEqual(others, before.homeReplicas(key).slice(0, others.length), key);
      if (homes.includes(added)) taken += 1;
    }
    const fair = (3 / (count + 1)) * keys.length;
    t.true(taken > 0 && taken < fair * 2, `${taken} of ${keys.length}`);
  });
}

test('a node listed twice counts once', (t) => {
  const ring = new Ring({ nodes: ['n1', 'n1', 'n2'], replicas: 3 });
  t.deepEqual([...ring.homeReplicas('k')].sort(), ['n1', 'n2']);
});
