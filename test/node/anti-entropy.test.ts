import test from 'ava';
import { sameBallot, type Ballot } from '../../src/core/ballot.js';
import { TestCluster } from './test-cluster.js';

function acceptedAt(cluster: TestCluster, node: string, key: string): Ballot | undefined {
  return cluster.of(node).store.records.get(key)?.accepted;
}

function converged(cluster: TestCluster, keys: readonly string[]): boolean {
  return keys.every((key) => {
    const [first, ...others] = cluster.homes(key).map((node) => acceptedAt(cluster, node, key));
    return first !== undefined && others.every((other) => other !== undefined && sameBallot(first, other));
  });
}

/** Lets time pass until the home replicas of all keys hold the same. */
function awaitConvergence(cluster: TestCluster, keys: readonly string[], withinMs = 60_000): boolean {
  for (let ms = 0; ms < withinMs && !converged(cluster, keys); ms += 100) cluster.timeline.advance(100);
  return converged(cluster, keys);
}

test('a replica that was cut off is brought up to date by itself, without a read', (t) => {
  const cluster = new TestCluster();
  const keys = Array.from({ length: 30 }, () => cluster.key());
  for (const key of keys.slice(0, 20)) cluster.written('n1', key, 'before');
  cluster.network.isolate('n3');
  for (const key of keys) cluster.written('n1', key, 'meanwhile');
  t.false(converged(cluster, keys));
  cluster.network.reconnect('n3');
  t.true(awaitConvergence(cluster, keys));
  const { pushed, pulled } = ['n1', 'n2', 'n3']
    .map((node) => cluster.of(node).node.stats().repair)
    .reduce((a, b) => ({ ...a, pushed: a.pushed + b.pushed, pulled: a.pulled + b.pulled }));
  t.true(pushed + pulled >= 30, `${pushed} pushed, ${pulled} pulled`);
});

test('equal replicas compare and mend nothing', (t) => {
  const cluster = new TestCluster();
  const keys = Array.from({ length: 20 }, () => cluster.key());
  for (const key of keys) cluster.written('n1', key, 'v', 'ALL');
  cluster.timeline.advance(30_000);
  for (const node of ['n1', 'n2', 'n3']) {
    t.like(cluster.of(node).node.stats().repair, { treesComplete: true, pushed: 0, pulled: 0, settled: 0 });
    t.true(cluster.of(node).node.stats().repair.comparisons > 0);
  }
});

test('writes on both sides of a partition under PA converge to the highest ballot', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const key = cluster.key();
  cluster.network.isolate('n3');
  cluster.timeline.advance(3_000);
  cluster.mutated(cluster.put('n3', key, 'minority'));
  cluster.timeline.advance(10);
  cluster.mutated(cluster.put('n1', key, 'majority'));
  cluster.network.reconnect('n3');
  t.true(awaitConvergence(cluster, [key]));
  t.is(Buffer.from(cluster.of('n3').store.records.get(key)!.state!.value!).toString(), 'majority');
});

test('a key that a promise keeps from being repaired is settled by an identity round', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key();
  cluster.network.isolate('n3');
  cluster.written('n1', key, 'v');
  // What a coordinator that died left behind: a promise and nothing else.
  const { store } = cluster.of('n3');
  const accepted = acceptedAt(cluster, 'n1', key)!;
  const promised = { ...accepted, time: accepted.time + 1_000, sub: 0 };
  store.records.set(key, {
    promised,
    accepted: { time: 0, node: '', incarnation: '', sub: 0 },
    state: null,
    maxOpTime: 0,
  });
  cluster.network.reconnect('n3');
  t.true(awaitConvergence(cluster, [key]));
  const settled = ['n1', 'n2', 'n3'].map((node) => cluster.of(node).node.stats().repair.settled);
  t.true(Math.max(...settled) >= 1, settled.join());
});
