import test from 'ava';
import { claimKey, parseClaim } from '../../src/core/claim.js';
import { LOOK_UP, makeOperation, type Operation } from '../../src/core/operation.js';
import { putOperation, text } from '../core/operations.js';
import { TestCluster, type Answer } from './test-cluster.js';

/** Asks what became of an operation, by its identity or its name. */
function look(
  cluster: TestCluster,
  node: string,
  key: string,
  of: Operation | string,
  level: 'QUORUM' | 'ALL' = 'QUORUM',
): Answer {
  const [id, name] = typeof of === 'string' ? [putOperation(cluster.opTime(), '').id, of] : [of.id, null];
  return cluster.mutate(node, key, makeOperation(id, 'consensus', LOOK_UP), { level, name });
}

function valueAt(cluster: TestCluster, node: string, key: string): string | null {
  return text(cluster.value(cluster.get(node, key, { level: 'QUORUM' })).value);
}

test('a write that was applied is found with its version, wherever it is looked up, and nothing changes', (t) => {
  for (const policy of ['PC/EC', 'PA/EL'] as const) {
    for (const form of ['consensus', 'latency'] as const) {
      const cluster = new TestCluster({ policy });
      const key = cluster.key('n1');
      const operation = putOperation(cluster.opTime(), 'v', { form });
      const { version } = cluster.mutated(cluster.mutate('n1', key, operation, { level: 'ALL' }));
      for (const node of ['n2', 'n1', 'n3']) {
        const found = cluster.mutated(look(cluster, node, key, operation));
        t.deepEqual(found.version, version, `${policy} ${form}`);
        t.true(found.receipt.replayed);
      }
      t.is(valueAt(cluster, 'n2', key), 'v');
    }
  }
});

test('a write that never arrived is not found, and takes no effect when it arrives after all', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'before');
  const late = putOperation(cluster.opTime(), 'late');
  t.like(cluster.error(look(cluster, 'n2', key, late)), { code: 'CONDITION_FAILED', definite: true });
  t.like(cluster.error(cluster.mutate('n1', key, late)), { code: 'OP_MISMATCH', definite: true });
  t.is(cluster.error(look(cluster, 'n3', key, late)).code, 'CONDITION_FAILED');
  t.is(valueAt(cluster, 'n2', key), 'before');
});

test('a write that reached one replica alone is either found or gone for good', (t) => {
  for (const asked of ['n1', 'n2']) {
    const cluster = new TestCluster();
    const key = cluster.key('n1');
    cluster.written('n1', key, 'before', 'ALL');
    cluster.network.passes = ({ from, frame }) => from !== 'n1' || frame.kind !== 'accept';
    const operation = putOperation(cluster.opTime(), 'alone');
    t.is(cluster.error(cluster.mutate('n1', key, operation, { timeoutMs: 200 })).code, 'OUTCOME_UNKNOWN');
    cluster.network.passes = () => true;
    if (asked === 'n2') cluster.network.isolate('n1');
    const reply = cluster.reply(look(cluster, asked, key, operation));
    cluster.network.reconnect('n1');
    cluster.timeline.advance(2_000);
    const isApplied = reply.kind === 'mutated';
    t.is(isApplied, asked === 'n1');
    t.is(valueAt(cluster, 'n3', key), isApplied ? 'alone' : 'before');
    const again = cluster.reply(cluster.mutate('n1', key, operation));
    t.is(again.kind, isApplied ? 'mutated' : 'error');
    t.is(valueAt(cluster, 'n3', key), isApplied ? 'alone' : 'before');
  }
});

test('a condition that failed is found to have failed', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v');
  const create = putOperation(cluster.opTime(), 'w', { expect: 'absent' });
  t.is(cluster.error(cluster.mutate('n1', key, create)).code, 'CONDITION_FAILED');
  cluster.mutated(cluster.delete('n1', key));
  t.is(cluster.error(look(cluster, 'n2', key, create)).code, 'CONDITION_FAILED');
  t.is(valueAt(cluster, 'n3', key), null);
});

test('what the key has forgotten stays unknown', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL' });
  const key = cluster.key('n1');
  const operation = putOperation(cluster.opTime(), 'early', { form: 'latency' });
  cluster.mutated(cluster.mutate('n1', key, operation, { level: 'ALL' }));
  cluster.mutated(cluster.put('n1', key, 'later', { form: 'latency', level: 'ALL' }));
  t.is(cluster.error(look(cluster, 'n2', key, operation)).code, 'TOO_OLD');
  t.is(valueAt(cluster, 'n3', key), 'later');
});

test('once all replicas hold what was written over it, a latency write on its way reaches none', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL' });
  const key = cluster.key('n1');
  cluster.mutated(cluster.put('n1', key, 'before', { form: 'latency', level: 'ALL' }));
  const late = putOperation(cluster.opTime(), 'late', { form: 'latency' });
  cluster.timeline.advance(5);
  t.is(cluster.error(look(cluster, 'n2', key, late, 'ALL')).code, 'CONDITION_FAILED');
  t.true(cluster.mutated(cluster.mutate('n1', key, late, { level: 'ONE' })).receipt.superseded);
  for (const node of ['n1', 'n2', 'n3']) {
    t.is(text(cluster.value(cluster.get(node, key, { level: 'ONE' })).value), 'before');
  }
});

test('a named write is found by its name, also where it was done and its outcome not recorded', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  let isWritten = false;
  cluster.network.passes = ({ frame }) => {
    if (frame.kind !== 'accept') return true;
    if (frame.messages.some((message) => message.key === key)) isWritten = true;
    return !isWritten || frame.messages.every((message) => message.key === key);
  };
  const put = cluster.put('n1', key, 'v', { name: 'order', level: 'QUORUM', timeoutMs: 1_000 });
  const { version } = cluster.mutated(put);
  cluster.network.passes = () => true;
  cluster.network.isolate('n1');
  cluster.timeline.advance(1_500);
  const claim = cluster.of('n2').store.records.get(claimKey('order'))?.state?.value;
  t.is(parseClaim(text(claim ?? null) ?? '')?.outcome, null, 'nobody else has recorded it');
  for (const node of ['n2', 'n3']) t.deepEqual(cluster.mutated(look(cluster, node, key, 'order')).version, version);
  t.is(valueAt(cluster, 'n2', key), 'v');
});

test('a name under which nothing was done is settled: no later attempt under it does anything', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  t.like(cluster.error(look(cluster, 'n2', key, 'order')), { code: 'CONDITION_FAILED', definite: true });
  t.is(cluster.error(look(cluster, 'n3', key, 'order')).code, 'CONDITION_FAILED');
  t.like(cluster.error(cluster.put('n1', key, 'v', { name: 'order' })), { code: 'OP_MISMATCH', definite: true });
  t.is(valueAt(cluster, 'n2', key), null);
});

test('a name that was claimed by a node which then died is settled, and the node finds that when it is back', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'before', 'ALL');
  cluster.network.passes = ({ from, frame }) =>
    from !== 'n1' || frame.kind !== 'accept' || frame.messages.every((message) => message.key !== key);
  t.is(cluster.error(cluster.put('n1', key, 'v', { name: 'order', timeoutMs: 300 })).code, 'OUTCOME_UNKNOWN');
  cluster.network.passes = () => true;
  cluster.network.isolate('n1');
  cluster.timeline.advance(1_500);
  t.is(cluster.error(look(cluster, 'n2', key, 'order')).code, 'CONDITION_FAILED');
  cluster.network.reconnect('n1');
  cluster.timeline.advance(2_000);
  const again = cluster.error(cluster.put('n1', key, 'v', { name: 'order' }));
  t.true(again.definite, again.message);
  t.is(valueAt(cluster, 'n3', key), 'before');
});

test('the name of another key’s write is a mismatch', (t) => {
  const cluster = new TestCluster();
  const [key, other] = [cluster.key('n1'), cluster.key('n2')];
  cluster.mutated(cluster.put('n1', key, 'v', { name: 'order' }));
  t.is(cluster.error(look(cluster, 'n1', other, 'order')).code, 'OP_MISMATCH');
});

test('without a majority nothing is settled', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  for (const node of ['n2', 'n3']) cluster.network.isolate(node);
  cluster.timeline.advance(1_500);
  const operation = putOperation(cluster.opTime(), 'v');
  t.is(cluster.error(look(cluster, 'n1', key, operation)).code, 'UNAVAILABLE');
  t.is(cluster.error(look(cluster, 'n1', key, 'order')).code, 'UNAVAILABLE');
});
