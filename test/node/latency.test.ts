import test from 'ava';
import { versionOf } from '../../src/core/version.js';
import { putOperation, text } from '../core/operations.js';
import { TestCluster } from './test-cluster.js';

const LATENCY = { form: 'latency', level: 'ONE' } as const;

test('a ONE write is answered after one durable copy and replicates behind', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  for (const node of ['n2', 'n3']) cluster.of(node).store.holdWrites = true;
  const reply = cluster.mutated(cluster.put('n1', key, 'v', LATENCY));
  t.like(reply.receipt, {
    guarantee: 'eventual',
    rounds: 0,
    durableCopies: 1,
    acks: 1,
    required: 1,
    superseded: false,
  });
  t.is(reply.existed, null);
  for (const node of ['n2', 'n3']) cluster.of(node).store.release();
  cluster.timeline.settle();
  for (const { store } of cluster.members.values()) t.is(text(store.records.get(key)?.state?.value ?? null), 'v');
});

test('a ONE write is not answered before it is durable here', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  for (const { store } of cluster.members.values()) store.holdWrites = true;
  const answer = cluster.put('n1', key, 'v', LATENCY);
  cluster.timeline.advance(100);
  t.deepEqual(answer.replies, []);
  cluster.of('n1').store.release();
  t.is(cluster.mutated(answer).receipt.acks, 1);
});

test('in an EL cluster QUORUM waits for a majority and vouches for overlapping quorums', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  const write = cluster.mutated(cluster.put('n1', key, 'v', { form: 'latency', level: 'QUORUM' }));
  t.like(write.receipt, { guarantee: 'quorum', rounds: 1, durableCopies: 2, acks: 2, required: 2 });
  const read = cluster.value(cluster.get('n3', key, { level: 'QUORUM' }));
  t.like(read.receipt, { guarantee: 'quorum', acks: 2, required: 2 });
  t.is(text(read.value), 'v');
});

test('in an EL cluster the default is ONE, and eventual', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  t.like(cluster.mutated(cluster.put('n1', key, 'v', { form: 'latency' })).receipt, {
    level: 'ONE',
    guarantee: 'eventual',
  });
  t.like(cluster.value(cluster.get('n1', key)).receipt, { level: 'ONE', guarantee: 'eventual' });
});

test('in an EC cluster a ONE write vouches for eventual', (t) => {
  const cluster = new TestCluster();
  const reply = cluster.mutated(cluster.put('n1', cluster.key('n1'), 'v', LATENCY));
  t.is(reply.receipt.guarantee, 'eventual');
});

test('a read that finds disagreeing copies counts who answered, and copies of what it returns', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  cluster.network.passes = ({ frame }) => frame.kind !== 'accept';
  cluster.mutated(cluster.put('n1', key, 'v', LATENCY));
  const read = cluster.value(cluster.get('n2', key, { level: 'QUORUM' }));
  t.like(read.receipt, { acks: 2, required: 2, durableCopies: 1, guarantee: 'quorum' });
});

test('the last writer wins: an older write is superseded, and its receipt says so', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  const older = putOperation(cluster.opTime(), 'older', { form: 'latency' });
  cluster.mutated(cluster.put('n1', key, 'newer', { form: 'latency', level: 'ALL' }));
  const reply = cluster.mutated(cluster.mutate('n2', key, older, { level: 'QUORUM' }));
  t.like(reply.receipt, { superseded: true, durableCopies: 0, acks: 2 });
  t.is(text(cluster.value(cluster.get('n3', key)).value), 'newer');
});

test('the answer "superseded" waits until the newer state is durable', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  const older = putOperation(cluster.opTime(), 'older', { form: 'latency' });
  for (const { store } of cluster.members.values()) store.holdWrites = true;
  cluster.put('n1', key, 'newer', LATENCY);
  cluster.timeline.settle();
  const answer = cluster.mutate('n1', key, older, { level: 'ONE' });
  cluster.timeline.advance(100);
  t.deepEqual(answer.replies, []);
  cluster.of('n1').store.release();
  t.true(cluster.mutated(answer).receipt.superseded);
});

test('a latency write that comes again is the same write, with the same version', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  const operation = putOperation(cluster.opTime(), 'v', { form: 'latency' });
  const first = cluster.mutated(cluster.mutate('n1', key, operation, { level: 'ONE' }));
  const again = cluster.mutated(cluster.mutate('n2', key, operation, { level: 'ALL' }));
  t.deepEqual(first.version, versionOf(operation.id, 0));
  t.deepEqual(again.version, first.version);
  t.like(again.receipt, { durableCopies: 3, superseded: false });
});

test('a latency write below a promise goes through by the slow path, and vouches for quorum', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const operation = putOperation(cluster.opTime(), 'v', { form: 'latency' });
  cluster.network.passes = ({ frame }) => frame.kind !== 'accept';
  cluster.network.passes = ({ from, frame }) => from !== 'n3' || frame.kind === 'prepare' || frame.kind === 'heartbeat';
  const prepared = cluster.put('n3', key, 'never', { timeoutMs: 60, expect: versionOf(operation.id, 7) });
  cluster.timeline.advance(100);
  t.is(prepared.replies[0]?.kind, 'error');
  cluster.network.passes = () => true;
  const reply = cluster.mutated(cluster.mutate('n1', key, operation, { level: 'QUORUM' }));
  t.is(reply.receipt.guarantee, 'quorum');
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'v');
});

test('what is served on a latency write vouches for quorum, also when it is asked again', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n2', key, 'weak', { form: 'latency', level: 'ALL' }));
  t.is(cluster.value(cluster.get('n3', key)).receipt.guarantee, 'quorum');
  const operation = putOperation(cluster.opTime(), 'strong');
  t.is(cluster.mutated(cluster.mutate('n1', key, operation)).receipt.guarantee, 'quorum');
  t.is(cluster.mutated(cluster.mutate('n1', key, operation)).receipt.guarantee, 'quorum');
  t.is(cluster.written('n1', key, 'stronger').receipt.guarantee, 'linearizable');
  t.is(cluster.value(cluster.get('n3', key)).receipt.guarantee, 'linearizable');
});

test('a condition is never sent as a latency write', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v');
  for (const form of ['latency', 'blind'] as const) {
    const answer = cluster.put('n1', key, 'w', { form, level: 'ONE', expect: 'absent' });
    t.like(cluster.error(answer), { code: 'INVALID_ARGUMENT', definite: true });
  }
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'v');
});
