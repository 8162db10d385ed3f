import test from 'ava';
import { putOperation, text } from '../core/operations.js';
import { TestCluster } from './test-cluster.js';

function written(options = {}): { cluster: TestCluster; key: string } {
  const cluster = new TestCluster(options);
  const key = cluster.key('n1');
  cluster.written('n1', key, 'old', 'ALL');
  return { cluster, key };
}

test('a deadline before any accept was sent is a TIMEOUT: definite, and never applied later', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.network.passes = ({ frame }) => frame.kind !== 'prepare';
  t.like(cluster.error(cluster.put('n1', key, 'v', { timeoutMs: 300 })), { code: 'TIMEOUT', definite: true });
  cluster.network.passes = () => true;
  cluster.timeline.advance(5_000);
  t.is(cluster.value(cluster.get('n2', key)).value, null);
});

test('a deadline after an accept was sent is OUTCOME_UNKNOWN', (t) => {
  const { cluster, key } = written();
  cluster.network.passes = ({ frame }) => frame.kind !== 'accept';
  const operation = putOperation(cluster.opTime(), 'new');
  const error = cluster.error(cluster.mutate('n1', key, operation, { timeoutMs: 300 }));
  t.like(error, { code: 'OUTCOME_UNKNOWN', definite: false, retryable: true });
  cluster.network.passes = () => true;
  cluster.mutated(cluster.mutate('n1', key, operation));
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'new');
});

test('losing the majority after an accept was sent is OUTCOME_UNKNOWN, at once', (t) => {
  const { cluster, key } = written();
  for (const node of ['n2', 'n3']) cluster.of(node).store.holdWrites = true;
  const answer = cluster.put('n1', key, 'new');
  cluster.timeline.settle();
  cluster.network.isolate('n1');
  t.like(cluster.error(answer), { code: 'OUTCOME_UNKNOWN', definite: false });
});

test('losing the majority while preparing is UNAVAILABLE: definite', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  for (const node of ['n2', 'n3']) cluster.of(node).store.holdWrites = true;
  const answer = cluster.put('n1', key, 'v');
  cluster.timeline.settle();
  cluster.network.isolate('n1');
  t.like(cluster.error(answer), { code: 'UNAVAILABLE', definite: true });
});

test('a read that is not answered in time is a TIMEOUT', (t) => {
  const { cluster, key } = written();
  cluster.network.passes = ({ frame }) => frame.kind !== 'read';
  t.like(cluster.error(cluster.get('n1', key, { timeoutMs: 200 })), { code: 'TIMEOUT', definite: true });
});

test('a request that arrives with no time left is not carried out', (t) => {
  const { cluster, key } = written();
  for (const timeoutMs of [0, -5, Number.NaN]) {
    t.like(cluster.error(cluster.put('n1', key, 'late', { timeoutMs })), { code: 'TIMEOUT', definite: true });
    t.is(cluster.error(cluster.get('n1', key, { timeoutMs })).code, 'TIMEOUT');
  }
  t.is(text(cluster.value(cluster.get('n1', key)).value), 'old');
});

test('an attempt that gets no answer is made again, with the same operation', (t) => {
  const { cluster, key } = written();
  cluster.network.passes = ({ frame }) => frame.kind !== 'accept';
  const answer = cluster.put('n1', key, 'new', { timeoutMs: 4_000 });
  cluster.timeline.advance(500);
  cluster.network.passes = () => true;
  const reply = cluster.mutated(answer);
  t.true(reply.receipt.rounds > 1);
  t.is(text(cluster.value(cluster.get('n3', key)).value), 'new');
});

test('a write answered TIMEOUT while its record was being loaded is not applied when the load ends', (t) => {
  const { cluster, key } = written({ cacheBytesMax: 3_000 });
  for (let i = 0; i < 40; i += 1) cluster.value(cluster.get('n1', cluster.key(), { level: 'ONE' }));
  const { store } = cluster.of('n1');
  store.holdReads = true;
  const error = cluster.error(cluster.put('n1', key, 'never', { timeoutMs: 100 }));
  t.like(error, { code: 'TIMEOUT', definite: true });
  store.holdReads = false;
  store.release();
  cluster.timeline.advance(3_000);
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'old');
});

test('a write answered TIMEOUT while it waited for the slow path of its key is left out of the round', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.network.passes = ({ from }) => from === 'n1';
  const first = cluster.put('n1', key, 'first', { timeoutMs: 900 });
  const short = cluster.put('n1', key, 'short', { timeoutMs: 100 });
  const long = cluster.put('n1', key, 'long', { expect: 'absent' });
  cluster.timeline.advance(300);
  t.like(cluster.error(short), { code: 'TIMEOUT', definite: true });
  cluster.network.passes = () => true;
  t.is(cluster.reply(long).kind, 'mutated');
  t.is(cluster.error(first).code, 'TIMEOUT');
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'long');
});

test('a write whose round goes on for others without time left for it is never told TIMEOUT and applied', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.network.passes = ({ from, frame }) => from === 'n1' || frame.kind === 'heartbeat';
  cluster.put('n1', key, 'first', { timeoutMs: 200 });
  const short = cluster.put('n1', key, 'short', { timeoutMs: 500 });
  const long = cluster.put('n1', key, 'long', { timeoutMs: 8_000, expect: 'absent' });
  cluster.timeline.advance(700);
  const code = cluster.error(short).code;
  cluster.network.passes = () => true;
  const applied = cluster.reply(long).kind === 'error';
  t.is(code, applied ? 'OUTCOME_UNKNOWN' : code);
  t.true(['TIMEOUT', 'OUTCOME_UNKNOWN'].includes(code));
  t.is(text(cluster.value(cluster.get('n2', key)).value), applied ? 'short' : 'long');
});

test('a write that joins others behind a call out of time is answered by its own deadline', (t) => {
  const { cluster, key } = written();
  cluster.network.passes = ({ from, frame }) => from === 'n1' || frame.kind === 'heartbeat';
  cluster.put('n1', key, 'a', { timeoutMs: 20_000 });
  const ended = cluster.put('n1', key, 'b', { timeoutMs: 2_000 });
  cluster.timeline.advance(2_500);
  t.is(ended.replies.length, 1);
  const joined = cluster.put('n1', key, 'c', { timeoutMs: 1_000 });
  cluster.timeline.advance(1_500);
  t.is(joined.replies.length, 1);
});
