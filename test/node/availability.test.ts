import test from 'ava';
import type { Level } from '../../src/core/level.js';
import { putOperation, text } from '../core/operations.js';
import { TestCluster, type ClusterOptions } from './test-cluster.js';

/** A key with a value on all three nodes, after which these nodes are gone for n1. */
function without(gone: readonly string[], options: ClusterOptions = {}): { cluster: TestCluster; key: string } {
  const cluster = new TestCluster(options);
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.timeline.advance(10);
  for (const node of gone) cluster.network.isolate(node);
  return { cluster, key };
}

const COMMON = { definite: true, retryable: true } as const;

for (const level of ['ONE', 'QUORUM', 'ALL'] as const) {
  test(`PC: ${level} is refused at once where a majority is gone, naming who is missing`, (t) => {
    const { cluster, key } = without(['n2', 'n3']);
    const missing = cluster.homes(key).filter((id) => id !== 'n1');
    for (const answer of [cluster.get('n1', key, { level }), cluster.put('n1', key, 'w', { level })]) {
      t.is(answer.replies.length, 1, 'answered in the same turn');
      t.like(cluster.error(answer), { ...COMMON, code: 'UNAVAILABLE', received: 1, missing });
    }
  });
}

test('PC: a stale read is served where a majority is gone, and says eventual', (t) => {
  const { cluster, key } = without(['n2', 'n3']);
  const read = cluster.value(cluster.get('n1', key, { allowStale: true }));
  t.is(text(read.value), 'v');
  t.like(read.receipt, { guarantee: 'eventual', acks: 1, replicas: ['n1'], level: 'QUORUM', degraded: true });
});

test('with one of three gone, ONE and QUORUM go on and the receipt names who is missing', (t) => {
  const { cluster, key } = without(['n3']);
  for (const level of ['ONE', 'QUORUM'] as const) {
    t.deepEqual([...cluster.value(cluster.get('n1', key, { level })).receipt.missing], ['n3']);
    const write = cluster.mutated(cluster.put('n1', key, 'w', { level }));
    t.deepEqual([...write.receipt.missing], ['n3']);
    t.false(write.receipt.degraded);
  }
});

test('with one of three gone, ALL is refused at once, naming it, and nothing is done', (t) => {
  const { cluster, key } = without(['n3']);
  for (const answer of [cluster.get('n1', key, { level: 'ALL' }), cluster.put('n1', key, 'w', { level: 'ALL' })]) {
    t.is(answer.replies.length, 1);
    t.like(cluster.error(answer), { ...COMMON, code: 'UNAVAILABLE', required: 3, received: 2, missing: ['n3'] });
  }
  t.is(text(cluster.value(cluster.get('n1', key)).value), 'v');
});

test('a replica that dies after the choice leaves ALL applied but LEVEL_NOT_MET, naming it', (t) => {
  const { cluster, key } = without([]);
  cluster.of('n3').store.holdWrites = true;
  const answer = cluster.put('n1', key, 'w', { level: 'ALL' });
  cluster.timeline.settle();
  t.deepEqual(answer.replies, []);
  cluster.network.isolate('n3');
  t.like(cluster.error(answer), {
    code: 'LEVEL_NOT_MET',
    definite: false,
    retryable: false,
    required: 3,
    received: 2,
    missing: ['n3'],
  });
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'w');
});

test('a replica that stays silent after the choice leaves ALL applied but LEVEL_NOT_MET', (t) => {
  const { cluster, key } = without([]);
  cluster.network.passes = ({ to, frame }) => to !== 'n3' || frame.kind !== 'accept';
  t.like(cluster.error(cluster.put('n1', key, 'w', { level: 'ALL' })), { code: 'LEVEL_NOT_MET', missing: ['n3'] });
});

test('a node that comes back is asked again', (t) => {
  const { cluster, key } = without(['n3']);
  cluster.written('n1', key, 'w');
  cluster.network.reconnect('n3');
  cluster.timeline.advance(500);
  t.is(text(cluster.value(cluster.get('n3', key)).value), 'w');
  t.is(cluster.written('n1', key, 'x', 'ALL').receipt.acks, 3);
});

for (const policy of ['PA/EC', 'PA/EL'] as const) {
  const form = policy === 'PA/EC' ? 'blind' : 'latency';
  for (const level of ['QUORUM', 'ALL'] as const satisfies readonly Level[]) {
    test(`${policy}: ${level} alone is served, degraded and eventual`, (t) => {
      const { cluster, key } = without(['n2', 'n3'], { policy });
      const write = cluster.mutated(cluster.put('n1', key, 'w', { level, form }));
      const missing = cluster.homes(key).filter((id) => id !== 'n1');
      t.like(write.receipt, { degraded: true, guarantee: 'eventual', acks: 1, durableCopies: 1, missing });
      const read = cluster.value(cluster.get('n1', key, { level }));
      t.is(text(read.value), 'w');
      t.like(read.receipt, { degraded: true, guarantee: 'eventual', acks: 1, missing });
      t.is(read.receipt.required, write.receipt.required);
    });
  }

  test(`${policy}: a compare-and-set is refused where a majority is gone`, (t) => {
    const { cluster, key } = without(['n2', 'n3'], { policy });
    const answer = cluster.put('n1', key, 'w', { level: 'QUORUM', expect: 'absent' });
    t.like(cluster.error(answer), { ...COMMON, code: 'UNAVAILABLE' });
  });
}

test('PA/EC: ALL with one gone is served by the majority, degraded', (t) => {
  const { cluster, key } = without(['n3'], { policy: 'PA/EC' });
  const write = cluster.mutated(cluster.put('n1', key, 'w', { level: 'ALL' }));
  t.like(write.receipt, { degraded: true, acks: 2, required: 3, missing: ['n3'], guarantee: 'linearizable' });
  const read = cluster.value(cluster.get('n1', key, { level: 'ALL' }));
  t.like(read.receipt, { degraded: true, acks: 2, missing: ['n3'], guarantee: 'linearizable' });
  t.is(text(read.value), 'w');
});

test('PA/EC: with everybody there nothing is degraded', (t) => {
  const { cluster, key } = without([], { policy: 'PA/EC' });
  t.like(cluster.written('n1', key, 'w').receipt, { degraded: false, guarantee: 'linearizable', missing: [] });
  t.like(cluster.value(cluster.get('n2', key)).receipt, { degraded: false, guarantee: 'linearizable' });
});

test('PA/EC: a late copy of a chosen write at a side without a majority does not take effect a second time', (t) => {
  const { cluster, key } = without([], { policy: 'PA/EC' });
  const operation = putOperation(cluster.opTime(), 'early', { form: 'blind' });
  t.is(cluster.mutated(cluster.mutate('n1', key, operation)).receipt.guarantee, 'linearizable');
  cluster.written('n1', key, 'later');
  cluster.network.isolate('n3');
  cluster.timeline.advance(3_000);
  t.true(cluster.mutated(cluster.mutate('n3', key, operation)).receipt.degraded);
  cluster.network.reconnect('n3');
  cluster.timeline.advance(5_000);
  t.is(text(cluster.value(cluster.get('n3', key, { level: 'ALL' })).value), 'later');
});

test('PA: a plain write begun where a majority decides is refused without one, though others are served', (t) => {
  const { cluster, key } = without(['n2', 'n3'], { policy: 'PA/EC' });
  const answer = cluster.put('n1', key, 'w', { form: 'consensus' });
  t.like(cluster.error(answer), { ...COMMON, code: 'UNAVAILABLE', received: 1 });
  t.true(cluster.mutated(cluster.put('n1', key, 'w')).receipt.degraded);
});
