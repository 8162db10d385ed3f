import test from 'ava';
import { versionOf } from '../../src/core/version.js';
import { putOperation, text } from '../core/operations.js';
import { TestCluster } from './test-cluster.js';

const LEVELS = ['ONE', 'QUORUM', 'ALL'] as const;

test('a read that names the version it has is told so at every level, without the value', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { version } = cluster.written('n1', key, 'v', 'ALL');
  for (const level of LEVELS) {
    for (const node of ['n1', 'n2']) {
      const read = cluster.value(cluster.get(node, key, { level, known: version }));
      t.like(read, { value: null, unchanged: 'found', version }, `${level} at ${node}`);
      t.is(read.receipt.guarantee, level === 'ONE' ? 'eventual' : 'linearizable');
    }
  }
});

test('a read that names another version is sent the value', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { version } = cluster.written('n1', key, 'old', 'ALL');
  cluster.written('n1', key, 'new', 'ALL');
  for (const level of LEVELS) {
    const read = cluster.value(cluster.get('n2', key, { level, known: version }));
    t.is(text(read.value), 'new');
    t.is(read.unchanged, undefined);
  }
});

test('a replica that lags says unchanged at ONE, and a majority says otherwise', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { version } = cluster.written('n1', key, 'old', 'ALL');
  cluster.network.passes = ({ to, frame }) => to !== 'n3' || frame.kind !== 'accept';
  cluster.written('n1', key, 'new');
  t.is(cluster.value(cluster.get('n3', key, { level: 'ONE', known: version })).unchanged, 'found');
  t.is(text(cluster.value(cluster.get('n3', key, { level: 'QUORUM', known: version })).value), 'new');
});

test('a deletion is a version too: whoever has it is told that nothing came since', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  const { version } = cluster.mutated(cluster.delete('n1', key));
  t.like(cluster.value(cluster.get('n1', key, { known: version })), { value: null, unchanged: 'absent', version });
});

test('a value that has expired meanwhile is not unchanged', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { version } = cluster.mutated(cluster.put('n1', key, 'v', { ttlMs: 100, level: 'ALL' }));
  t.is(cluster.value(cluster.get('n1', key, { level: 'ONE', known: version })).unchanged, 'found');
  cluster.timeline.advance(200);
  for (const level of LEVELS) {
    t.like(cluster.value(cluster.get('n1', key, { level, known: version })), { value: null, unchanged: undefined });
  }
});

test('a read says under which ballot its state was accepted, and whether that shows what a session saw', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'old', 'ALL');
  cluster.network.passes = ({ to, frame }) => to !== 'n3' || frame.kind !== 'accept';
  const { accepted, version } = cluster.written('n1', key, 'new');
  const after = { accepted, version };
  t.like(cluster.value(cluster.get('n2', key, { level: 'ONE', after })), { accepted, version, behind: undefined });
  t.is(cluster.value(cluster.get('n3', key, { level: 'ONE', after })).behind, true);
  t.is(cluster.value(cluster.get('n3', key, { level: 'QUORUM', after })).behind, undefined);
  t.is(cluster.value(cluster.get('n3', cluster.key('n1'), { level: 'ONE', after })).behind, true, 'no record');
});

test('a latency write that had to be prepared says that it was accepted above its own version', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key('n1');
  const operation = putOperation(cluster.opTime(), 'v', { form: 'latency' });
  cluster.network.passes = ({ from, frame }) => from !== 'n3' || frame.kind === 'prepare' || frame.kind === 'heartbeat';
  cluster.put('n3', key, 'never', { timeoutMs: 60, expect: versionOf(operation.id, 7) });
  cluster.timeline.advance(100);
  cluster.network.passes = () => true;
  const { accepted, version } = cluster.mutated(cluster.mutate('n1', key, operation, { level: 'QUORUM' }));
  t.true(accepted.time > version.time);
  t.like(cluster.value(cluster.get('n1', key, { level: 'ONE' })), { accepted, version });
});
