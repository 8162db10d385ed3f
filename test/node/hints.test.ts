import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import type { Sent } from './fake-network.js';
import { TestCluster } from './test-cluster.js';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

function held(cluster: TestCluster, node: string, key: string): string | undefined {
  const value = cluster.of(node).store.records.get(key)?.state?.value;
  return value == null ? undefined : Buffer.from(value).toString();
}

function awaitThat(cluster: TestCluster, holds: () => boolean, withinMs = 30_000): boolean {
  for (let ms = 0; ms < withinMs && !holds(); ms += 50) cluster.timeline.advance(50);
  return holds();
}

function kept(cluster: TestCluster): number {
  return NODES.reduce((sum, node) => sum + cluster.of(node).node.stats().repair.hints.kept, 0);
}

/** The second and third home replicas of a key cannot be reached; the other two nodes of five can. */
function partitioned(): { cluster: TestCluster; key: string; homes: readonly string[] } {
  const cluster = new TestCluster({ nodes: NODES, policy: 'PA/EC' });
  const key = cluster.key();
  const homes = cluster.homes(key);
  for (const home of homes.slice(1)) cluster.network.isolate(home);
  cluster.timeline.advance(3_000);
  return { cluster, key, homes };
}

test('a degraded write is kept by other nodes for each home replica that cannot be reached, and the receipt counts them', (t) => {
  const { cluster, key, homes } = partitioned();
  const { receipt } = cluster.mutated(cluster.put(homes[0]!, key, 'v'));
  t.like(receipt, { degraded: true, hinted: 2, guarantee: 'eventual', acks: 1 });
  t.is(kept(cluster), 2);
});

test('what was kept is handed over when the replica can be reached, and is then kept no longer', (t) => {
  const { cluster, key, homes } = partitioned();
  cluster.mutated(cluster.put(homes[0]!, key, 'v'));
  // The node that coordinated is gone: only the hints know of the write.
  cluster.network.isolate(homes[0]!);
  for (const home of homes.slice(1)) cluster.network.reconnect(home);
  t.true(awaitThat(cluster, () => homes.slice(1).every((home) => held(cluster, home, key) === 'v')));
  t.true(awaitThat(cluster, () => kept(cluster) === 0));
  t.is(cluster.of('n1').store.shelf.list('hint', '', '', 10).length, 0);
});

test('a hint that is not yet on the disk when its replica can be reached is handed over once it is', (t) => {
  const { cluster, key, homes } = partitioned();
  const keepers = NODES.filter((node) => !homes.includes(node)).map((node) => cluster.of(node).store);
  for (const store of keepers) store.holdWrites = true;
  t.like(cluster.mutated(cluster.put(homes[0]!, key, 'v')).receipt, { degraded: true, hinted: 0 });
  cluster.network.isolate(homes[0]!);
  for (const home of homes.slice(1)) cluster.network.reconnect(home);
  cluster.timeline.advance(1_000);
  t.deepEqual([homes.slice(1).map((home) => held(cluster, home, key)), kept(cluster)], [[undefined, undefined], 2]);
  for (const store of keepers) {
    store.holdWrites = false;
    store.release();
  }
  t.true(awaitThat(cluster, () => homes.slice(1).every((home) => held(cluster, home, key) === 'v')));
  t.true(awaitThat(cluster, () => kept(cluster) === 0));
});

test('a hint that cannot be read now is kept, and handed over when it can', (t) => {
  const { cluster, key, homes } = partitioned();
  cluster.mutated(cluster.put(homes[0]!, key, 'v'));
  const keepers = NODES.filter((node) => !homes.includes(node)).map((node) => cluster.of(node).store);
  for (const store of keepers) store.noteFailure = new Error('the disk does not answer');
  cluster.network.isolate(homes[0]!);
  for (const home of homes.slice(1)) cluster.network.reconnect(home);
  cluster.timeline.advance(1_000);
  t.is(kept(cluster), 2);
  for (const store of keepers) store.noteFailure = null;
  t.true(awaitThat(cluster, () => homes.slice(1).every((home) => held(cluster, home, key) === 'v')));
});

test('a hint below what the replica holds by then changes nothing, and is dropped', (t) => {
  const { cluster, key, homes } = partitioned();
  cluster.mutated(cluster.put(homes[0]!, key, 'older'));
  cluster.network.isolate(homes[0]!);
  cluster.network.connect(homes[1]!, homes[2]!);
  cluster.timeline.advance(3_000);
  cluster.mutated(cluster.put(homes[1]!, key, 'newer'));
  for (const home of homes.slice(1)) cluster.network.reconnect(home);
  t.true(awaitThat(cluster, () => kept(cluster) === 0));
  t.deepEqual(
    homes.slice(1).map((home) => held(cluster, home, key)),
    ['newer', 'newer'],
  );
});

test('a hint that a promise keeps out is brought in by an identity round', (t) => {
  const { cluster, key, homes } = partitioned();
  cluster.mutated(cluster.put(homes[0]!, key, 'v'));
  const { accepted } = cluster.of(homes[0]!).store.records.get(key)!;
  const promised = { ...accepted, time: accepted.time + 1_000 };
  const none = { time: 0, node: '', incarnation: '', sub: 0 };
  for (const home of homes.slice(1))
    cluster.of(home).store.records.set(key, { promised, accepted: none, state: null, maxOpTime: 0 });
  cluster.network.isolate(homes[0]!);
  for (const home of homes.slice(1)) cluster.network.reconnect(home);
  t.true(awaitThat(cluster, () => homes.slice(1).every((home) => held(cluster, home, key) === 'v')));
});

test('a write that no home replica took is of unknown outcome while others keep it for them', (t) => {
  const cluster = new TestCluster({ nodes: NODES, policy: 'PA/EC' });
  const key = cluster.key();
  const [coordinator, ...others] = cluster.homes(key) as [string, ...string[]];
  const { store, clock } = cluster.of(coordinator);
  const far = { time: clock.physicalMicros() + 60_000_000, node: coordinator, incarnation: 'f'.repeat(16), sub: 0 };
  store.records.set(key, { promised: far, accepted: NO_BALLOT, state: null, maxOpTime: 0 });
  // They seem to be gone, but are asked, and their clocks are too far behind to take it.
  for (const home of others) cluster.of(home).clock.skewMs = -10_000;
  const toOthers = ({ from, to }: Sent): boolean => others.includes(from) || others.includes(to);
  cluster.network.passes = (sent) => !toOthers(sent) || sent.frame.kind !== 'heartbeat';
  cluster.timeline.advance(2_000);
  const error = cluster.error(cluster.put(coordinator, key, 'v'));
  t.like(error, { code: 'OUTCOME_UNKNOWN', definite: false });

  for (const home of others) cluster.of(home).clock.skewMs = 0;
  cluster.network.passes = () => true;
  t.true(awaitThat(cluster, () => others.every((home) => held(cluster, home, key) === 'v')));
});

test('where every node is a home replica nothing is kept for others', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const key = cluster.key();
  cluster.network.isolate('n3');
  cluster.network.isolate('n2');
  cluster.timeline.advance(3_000);
  t.like(cluster.mutated(cluster.put('n1', key, 'v')).receipt, { degraded: true, hinted: 0 });
});
