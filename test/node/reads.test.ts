import test from 'ava';
import { text } from '../core/operations.js';
import { TestCluster } from './test-cluster.js';

/** A write that reached only the disk of n1, and nobody was told of. */
function straggler(cluster: TestCluster, key: string): void {
  cluster.written('n1', key, 'old', 'ALL');
  cluster.network.passes = ({ from, frame }) => from !== 'n1' || frame.kind !== 'accept';
  const answer = cluster.put('n1', key, 'new', { timeoutMs: 200 });
  cluster.timeline.advance(300);
  if (cluster.error(answer).code !== 'OUTCOME_UNKNOWN') throw new Error('the outcome was to be unknown');
  cluster.network.passes = () => true;
}

test('a quorum read of what a majority holds takes one round and writes nothing', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { version } = cluster.written('n1', key, 'v', 'ALL');
  cluster.network.log.length = 0;
  const read = cluster.value(cluster.get('n2', key));
  t.is(text(read.value), 'v');
  t.deepEqual(read.version, version);
  t.like(read.receipt, { rounds: 1, guarantee: 'linearizable', acks: 2, required: 2, durableCopies: 2, missing: [] });
  t.deepEqual(cluster.requestKinds(), ['read']);
});

test('replicas that disagree are brought to the highest ballot before the read is answered', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  straggler(cluster, key);
  const read = cluster.value(cluster.get('n1', key));
  t.is(text(read.value), 'new');
  t.like(read.receipt, { rounds: 2, guarantee: 'linearizable' });
  cluster.network.isolate('n1');
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'new');
});

test('a repair that promises refuse becomes an identity round', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  straggler(cluster, key);
  cluster.network.passes = ({ from, frame }) => from !== 'n3' || frame.kind === 'prepare' || frame.kind === 'heartbeat';
  cluster.error(cluster.put('n3', key, 'never', { timeoutMs: 100, expect: 'absent' }));
  cluster.network.passes = () => true;
  const read = cluster.value(cluster.get('n1', key));
  t.true(['old', 'new'].includes(text(read.value)!));
  t.is(read.receipt.guarantee, 'linearizable');
  for (const node of ['n2', 'n3']) t.deepEqual(cluster.value(cluster.get(node, key)).version, read.version);
});

test('a repair that one replica refuses and another leaves unanswered becomes an identity round too', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  straggler(cluster, key);
  cluster.network.passes = ({ from, to, frame }) =>
    frame.kind === 'heartbeat' || (frame.kind === 'prepare' && from === 'n3' && to === 'n2');
  cluster.error(cluster.put('n3', key, 'never', { timeoutMs: 100, expect: 'absent' }));
  // n2 has promised n3 something and refuses; n3 takes reads and prepares, and is silent about accepts.
  cluster.network.passes = ({ to, frame }) => to !== 'n3' || frame.kind !== 'accept';
  t.true(['old', 'new'].includes(text(cluster.value(cluster.get('n1', key, { timeoutMs: 2_000 })).value)!));
});

test('a read whose deadline passes during an identity round is a TIMEOUT, and the node lives on', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  straggler(cluster, key);
  cluster.network.passes = ({ from, frame }) => from === 'n3' && frame.kind === 'prepare';
  cluster.put('n3', key, 'never', { timeoutMs: 100 });
  cluster.timeline.advance(200);
  cluster.network.passes = ({ frame }) => frame.kind !== 'prepare';
  t.is(cluster.error(cluster.get('n1', key, { timeoutMs: 300 })).code, 'TIMEOUT');
  cluster.network.passes = () => true;
  cluster.timeline.advance(1_500);
  t.is(cluster.reply(cluster.get('n1', key)).kind, 'value');
});

test('a read waits for the disk of its own node, even if it accepted long ago', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'old', 'ALL');
  const { store } = cluster.of('n2');
  store.holdWrites = true;
  cluster.written('n1', key, 'new');
  const answer = cluster.get('n2', key, { level: 'ONE' });
  cluster.timeline.advance(50);
  t.deepEqual(answer.replies, []);
  store.release();
  t.is(text(cluster.value(answer).value), 'new');
});

test('a ONE read is answered from here, at once, and vouches for nothing', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.network.log.length = 0;
  const read = cluster.value(cluster.get('n3', key, { level: 'ONE' }));
  t.is(text(read.value), 'v');
  t.like(read.receipt, { guarantee: 'eventual', rounds: 0, acks: 1, required: 1, replicas: ['n3'], durableCopies: 1 });
  t.deepEqual(cluster.network.traffic, []);
});

test('an ALL read has asked every replica', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  const read = cluster.value(cluster.get('n2', key, { level: 'ALL' }));
  t.like(read.receipt, { guarantee: 'linearizable', acks: 3, required: 3, durableCopies: 3 });
});

test('a read asks the third replica when the second does not answer', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.network.passes = ({ from, to }) => from !== 'n3' && to !== 'n3';
  const second = cluster.value(cluster.get('n1', key));
  cluster.network.passes = ({ from, to }) => from !== 'n2' && to !== 'n2';
  const third = cluster.value(cluster.get('n1', key));
  t.deepEqual([text(second.value), text(third.value)], ['v', 'v']);
});

test('a read whose replicas go away under it fails at once as UNAVAILABLE', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v');
  cluster.network.disconnect('n1', 'n3');
  const answer = cluster.get('n1', key);
  cluster.timeline.turn();
  cluster.network.disconnect('n1', 'n2');
  cluster.timeline.settle();
  t.like(cluster.error(answer), { code: 'UNAVAILABLE', definite: true });
});

test('an expired value is absent only once its tombstone is written', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const put = cluster.mutated(cluster.put('n1', key, 'v', { ttlMs: 1_000, level: 'ALL' }));
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'v');
  cluster.timeline.advance(2_000);
  const read = cluster.value(cluster.get('n2', key));
  t.is(read.value, null);
  t.notDeepEqual(read.version, put.version);
  t.is(read.receipt.guarantee, 'linearizable');
  t.deepEqual(cluster.value(cluster.get('n3', key)).version, read.version);
});

test('a ONE read judges expiry by its own clock and says eventual', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n1', key, 'v', { ttlMs: 1_000, level: 'ALL' }));
  cluster.timeline.advance(2_000);
  t.like(cluster.value(cluster.get('n2', key, { level: 'ONE' })), { value: null, receipt: { guarantee: 'eventual' } });
});
