import test from 'ava';
import { NO_BALLOT, sameBallot } from '../../src/core/ballot.js';
import { CLOCK_BOUND_MS, IN_FLIGHT_REQUESTS_MAX, VALUE_BYTES_MAX } from '../../src/core/defaults.js';
import type { KeyRange } from '../../src/core/key-range.js';
import { makeOperation } from '../../src/core/operation.js';
import type { ListReply } from '../../src/core/request.js';
import { bytes, CLIENT, putOperation, text } from '../core/operations.js';
import { TestCluster } from './test-cluster.js';

const five = { nodes: ['n1', 'n2', 'n3', 'n4', 'n5'], replicas: 3 } as const;

test('any node answers any request: one that owns nothing of the key passes it to the primary', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  const write = cluster.mutated(cluster.put('n4', key, 'v'));
  t.like(write.receipt, { coordinator: 'n1', guarantee: 'linearizable' });
  const read = cluster.value(cluster.get('n5', key));
  t.is(text(read.value), 'v');
  t.is(read.receipt.coordinator, 'n1');
  t.is(cluster.of('n4').node.stats().forwarded, 1);
  for (const id of ['n4', 'n5']) t.false(cluster.of(id).store.records.has(key));
});

test('a home replica that is not the primary carries out what it is asked itself', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  t.is(cluster.mutated(cluster.put('n3', key, 'v')).receipt.coordinator, 'n3');
  t.is(cluster.of('n3').node.stats().forwarded, 0);
});

test('where the primary is gone, the next home replica is asked', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  cluster.network.isolate('n1');
  t.is(cluster.mutated(cluster.put('n4', key, 'v')).receipt.coordinator, 'n2');
});

test('where no home replica can be reached, the request is refused as UNAVAILABLE with their names', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  for (const id of ['n1', 'n2', 'n3']) cluster.network.isolate(id);
  const error = cluster.error(cluster.put('n4', key, 'v'));
  t.like(error, { code: 'UNAVAILABLE', definite: true, missing: ['n1', 'n2', 'n3'] });
});

test('a write that was passed on and lost with its link is OUTCOME_UNKNOWN, a read is not', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  for (const id of ['n1', 'n2', 'n3']) cluster.of(id).store.holdWrites = true;
  cluster.network.passes = ({ frame }) => frame.kind !== 'read';
  const answers = [cluster.put('n4', key, 'v'), cluster.get('n4', key)];
  cluster.timeline.settle();
  cluster.network.disconnect('n4', 'n1');
  t.deepEqual(
    answers.map((answer) => cluster.error(answer).definite),
    [false, true],
  );
  t.is(cluster.error(answers[0]!).code, 'OUTCOME_UNKNOWN');
});

test('a write that was passed on and not answered in time is OUTCOME_UNKNOWN', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  cluster.network.passes = ({ frame }) => frame.kind !== 'forwarded';
  t.is(cluster.error(cluster.put('n4', key, 'v', { timeoutMs: 300 })).code, 'OUTCOME_UNKNOWN');
});

test('the error of the node that was asked comes back as it is', (t) => {
  const cluster = new TestCluster(five);
  const key = cluster.key('n1', 'n2', 'n3');
  cluster.written('n1', key, 'v');
  t.is(cluster.error(cluster.put('n4', key, 'w', { expect: 'absent' })).code, 'CONDITION_FAILED');
});

const id = { ...CLIENT, time: 1, sub: 0 };
const malformed: readonly (readonly [string, object])[] = [
  ['no time', { ...id, time: 0 }],
  ['a time that is not a number', { ...id, time: Number.NaN }],
  ['a sub', { ...id, sub: 1 }],
  ['no node', { ...id, node: '' }],
  ['an incarnation that is not hexadecimal', { ...id, incarnation: 'z'.repeat(16) }],
  ['nothing', NO_BALLOT],
];
for (const [what, ballot] of malformed) {
  test(`an operation id with ${what} is INVALID_ARGUMENT`, (t) => {
    const cluster = new TestCluster();
    const put = { kind: 'put', value: bytes('v'), encoding: 'bytes', ttlMs: 0, expect: null } as const;
    const operation = makeOperation(ballot as typeof id, 'consensus', put);
    t.is(cluster.error(cluster.mutate('n1', cluster.key(), operation)).code, 'INVALID_ARGUMENT');
  });
}

test('keys and values beyond the limits are INVALID_ARGUMENT, and answered by the node that was asked', (t) => {
  const cluster = new TestCluster();
  const large = putOperation(cluster.opTime(), 'x'.repeat(VALUE_BYTES_MAX + 1));
  for (const answer of [
    cluster.get('n1', ''),
    cluster.get('n1', 'k'.repeat(1_025)),
    cluster.put('n1', '\ud800', 'v'),
    cluster.mutate('n1', 'k', large),
  ]) {
    t.is(answer.replies.length, 1);
    t.like(cluster.error(answer), { code: 'INVALID_ARGUMENT', definite: true, retryable: false });
  }
  t.is(cluster.of('n1').node.stats().inFlightRequests, 0);
});

test('an operation minted ahead of this clock by more than the bound is refused before anything is sent', (t) => {
  const cluster = new TestCluster();
  cluster.network.log.length = 0;
  const now = cluster.of('n1').clock.physicalMicros();
  const ahead = putOperation(now + CLOCK_BOUND_MS * 1_000 + 1, 'v');
  const key = cluster.key('n1');
  t.like(cluster.error(cluster.mutate('n1', key, ahead)), { code: 'CLOCK_SKEW', definite: true });
  t.deepEqual(cluster.network.traffic, []);
  t.is(cluster.reply(cluster.mutate('n1', key, putOperation(now + CLOCK_BOUND_MS * 1_000, 'v'))).kind, 'mutated');
});

test('a node with its hands full sheds with OVERLOADED, definite, and serves again later', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { node, store } = cluster.of('n1');
  store.holdReads = true;
  for (let i = 0; i < IN_FLIGHT_REQUESTS_MAX; i += 1) cluster.get('n1', key, { level: 'ONE' });
  t.like(cluster.error(cluster.get('n1', key)), { code: 'OVERLOADED', definite: true, retryAfterMs: 100 });
  store.release();
  cluster.timeline.settle();
  t.is(node.stats().inFlightRequests, 0);
  t.is(node.stats().inFlightBytes, 0);
  t.is(cluster.reply(cluster.get('n1', key, { level: 'ONE' })).kind, 'value');
});

test('a node mints operations that are never the same', (t) => {
  const cluster = new TestCluster();
  const { node } = cluster.of('n1');
  t.false(sameBallot(node.mint('k'), node.mint('k')));
  const operation = makeOperation(node.mint('k'), 'consensus', { kind: 'delete', expect: null });
  t.is(cluster.reply(cluster.mutate('n1', 'k', operation)).kind, 'mutated');
});

test('a node is ready while it can reach a majority, itself included', (t) => {
  const cluster = new TestCluster();
  const { node } = cluster.of('n1');
  t.true(node.ready());
  cluster.network.isolate('n2');
  t.true(node.ready());
  cluster.network.isolate('n3');
  t.false(node.ready());
});

test('a node lists the keys it holds a value for', (t) => {
  const cluster = new TestCluster();
  for (const key of ['b', 'a', 'c', 'd']) cluster.written('n1', key, 'v', 'ALL');
  cluster.mutated(cluster.delete('n1', 'c', { level: 'ALL' }));
  const list = (range: Partial<KeyRange>, limit: number) =>
    cluster.reply(
      cluster.ask('n2', { kind: 'list', from: '', to: '', reverse: false, ...range, limit, timeoutMs: 1_000 }),
    ) as ListReply;
  const { keys, deleted, through } = list({}, 10);
  t.deepEqual(keys, ['a', 'b', 'd']);
  t.deepEqual(
    deleted.map(({ key }) => key),
    ['c'],
  );
  t.is(through, null);
  t.like(list({ from: 'a\0' }, 1), { keys: ['b'], through: 'b' });
  t.like(list({ to: 'd', reverse: true }, 2), { keys: ['b'], through: 'b' });
});

test('requests are counted with their outcome', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v');
  cluster.value(cluster.get('n1', key));
  cluster.error(cluster.put('n1', key, 'w', { expect: 'absent' }));
  t.deepEqual(
    cluster
      .of('n1')
      .node.stats()
      .requests.map(({ operation, level, outcome, count }) => [operation, level, outcome, count]),
    [
      ['put', 'QUORUM', 'ok', 1],
      ['get', 'QUORUM', 'ok', 1],
      ['put', 'QUORUM', 'CONDITION_FAILED', 1],
    ],
  );
});

test('a stopping node finishes what it has begun, refuses what is new, and waits for its disk', async (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { node, store, transport } = cluster.of('n1');
  for (const member of cluster.members.values()) member.store.holdWrites = true;
  const begun = cluster.put('n1', key, 'v');
  cluster.timeline.settle();
  const stops = [node.stop(), node.stop()];
  t.false(node.ready());
  t.like(cluster.error(cluster.get('n1', key)), { code: 'UNAVAILABLE', definite: true });
  t.deepEqual(begun.replies, []);
  t.false(transport.stopped);
  for (const member of cluster.members.values()) {
    member.store.holdWrites = false;
    member.store.release();
  }
  t.is(cluster.mutated(begun).receipt.acks, 2);
  cluster.timeline.settle();
  await Promise.all(stops);
  t.true(transport.stopped);
  t.is(text(store.records.get(key)?.state?.value ?? null), 'v');
});
