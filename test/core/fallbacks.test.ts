import test from 'ava';
import { Ring } from '../../src/core/ring.js';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index + 1}`);
const keys = Array.from({ length: 500 }, (_, index) => `user:${index}`);
const everyone = (): boolean => true;

test('the nodes after the home replicas are those that would be homes if there were more of them', (t) => {
  const [three, five] = [3, 5].map((replicas) => new Ring({ nodes: names(7), replicas })) as [Ring, Ring];
  for (const key of keys) t.deepEqual(three.fallbacks(key, everyone, 2), five.homeReplicas(key).slice(3), key);
});

test('a node that cannot be reached is passed over', (t) => {
  const ring = new Ring({ nodes: names(6), replicas: 3 });
  for (const key of keys) {
    const [first, second] = ring.fallbacks(key, everyone, 2);
    t.deepEqual(
      ring.fallbacks(key, (node) => node !== first, 1),
      [second!],
    );
  }
});

test('there are no more fallbacks than nodes that can be reached, and none where every node is a home', (t) => {
  const ring = new Ring({ nodes: names(5), replicas: 3 });
  for (const key of keys) {
    t.is(ring.fallbacks(key, everyone, 9).length, 2);
    t.deepEqual(
      ring.fallbacks(key, () => false, 2),
      [],
    );
    t.deepEqual(ring.fallbacks(key, everyone, 0), []);
  }
  t.deepEqual(new Ring({ nodes: names(3), replicas: 3 }).fallbacks('k', everyone, 3), []);
});
