import test from 'ava';
import { SWEEP_BATCH, SWEEP_PERIOD_MS } from '../../src/core/defaults.js';
import type { Policy } from '../../src/core/policy.js';
import { TestCluster } from './test-cluster.js';

const TTL_MS = 3_000;
/** Long enough for a sweep of what has expired, and for the next one to drop the expiries. */
const SWEPT_MS = TTL_MS + 4 * SWEEP_PERIOD_MS;

function valueAt(cluster: TestCluster, id: string, key: string): Uint8Array | null | undefined {
  return cluster.of(id).store.records.get(key)?.state?.value;
}

function swept(cluster: TestCluster): number[] {
  return [...cluster.members.values()].map(({ node }) => node.stats().expiredSwept);
}

for (const policy of ['PC/EC', 'PC/EL', 'PA/EC', 'PA/EL'] as const satisfies readonly Policy[]) {
  test(`${policy}: an expired value that nobody reads becomes a tombstone, by its primary alone`, (t) => {
    const cluster = new TestCluster({ policy });
    const key = cluster.key('n2');
    cluster.mutated(cluster.put('n2', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
    cluster.timeline.advance(TTL_MS - 500);
    for (const id of ['n1', 'n2', 'n3']) t.not(valueAt(cluster, id, key), null, 'it has not expired yet');
    cluster.timeline.advance(SWEPT_MS);
    for (const id of ['n1', 'n2', 'n3']) {
      t.is(valueAt(cluster, id, key), null);
      t.deepEqual(cluster.of(id).store.expiries, [], 'an expiry that is out of date is dropped');
    }
    t.deepEqual(swept(cluster), [0, 1, 0]);
  });
}

test('a value that was written again, for ever or for longer, is left alone, and its old expiry dropped', (t) => {
  const cluster = new TestCluster();
  const [ever, longer] = [cluster.key('n1'), cluster.key('n1')];
  for (const key of [ever, longer]) cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  cluster.written('n1', ever, 'w', 'ALL');
  cluster.mutated(cluster.put('n1', longer, 'w', { level: 'ALL', ttlMs: 10 * SWEPT_MS }));
  cluster.timeline.advance(SWEPT_MS);
  for (const key of [ever, longer]) t.truthy(valueAt(cluster, 'n1', key));
  t.deepEqual(swept(cluster), [0, 0, 0]);
  for (const { store } of cluster.members.values())
    t.deepEqual(
      store.expiries.map(({ key }) => key),
      [longer],
    );
});

test('while the primary cannot be reached, the next home replica sweeps', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1', 'n2', 'n3');
  cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  cluster.network.isolate('n1');
  cluster.timeline.advance(SWEPT_MS);
  t.is(valueAt(cluster, 'n2', key), null);
  t.is(valueAt(cluster, 'n3', key), null);
  t.deepEqual(swept(cluster), [0, 1, 0]);
});

test('a side without a majority sweeps nothing, and the value goes once the network is whole', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  for (const id of ['n1', 'n2', 'n3']) cluster.network.isolate(id);
  cluster.timeline.advance(SWEPT_MS);
  t.deepEqual(swept(cluster), [0, 0, 0]);
  t.truthy(valueAt(cluster, 'n1', key));
  for (const id of ['n1', 'n2', 'n3']) cluster.network.reconnect(id);
  cluster.timeline.advance(SWEPT_MS);
  t.is(valueAt(cluster, 'n1', key), null);
});

test('more than a page of expired values is swept, among those that other nodes sweep', (t) => {
  const cluster = new TestCluster();
  const count = SWEEP_BATCH + 50;
  const keys = Array.from({ length: count }, () => cluster.key());
  const answers = keys.map((key) => cluster.put(cluster.homes(key)[0]!, key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  for (const answer of answers) cluster.mutated(answer);
  cluster.timeline.advance(SWEPT_MS);
  t.deepEqual(
    keys.filter((key) => valueAt(cluster, 'n1', key) !== null),
    [],
  );
  const [first, second, third] = swept(cluster);
  t.is(first! + second! + third!, count);
});

test('a node whose store cannot list expiries goes on, and sweeps when it can again', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  const { store, fatal } = cluster.of('n1');
  store.expiryFailure = new Error('too many open files');
  cluster.timeline.advance(SWEPT_MS);
  t.deepEqual(swept(cluster), [0, 0, 0]);
  store.expiryFailure = null;
  cluster.timeline.advance(2 * SWEEP_PERIOD_MS);
  t.deepEqual(swept(cluster), [1, 0, 0]);
  t.deepEqual(fatal, []);
});

test('a node that was stopped sweeps nothing more', async (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  const stopped = cluster.of('n1').node.stop();
  cluster.timeline.advance(SWEPT_MS);
  await stopped;
  t.is(swept(cluster)[0], 0);
});

test('a value whose expiry the store does not know, written before it kept them, reads absent all the same', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', ttlMs: TTL_MS }));
  for (const { store } of cluster.members.values()) store.expiries.length = 0;
  cluster.timeline.advance(SWEPT_MS);
  t.truthy(valueAt(cluster, 'n1', key), 'it is not swept');
  const read = cluster.value(cluster.get('n2', key));
  t.is(read.value, null);
  t.is(read.receipt.guarantee, 'linearizable');
});
