import test from 'ava';
import { compareBallots } from '../../src/core/ballot.js';
import { COMBINED_OPERATIONS_MAX } from '../../src/core/defaults.js';
import { NO_VERSION } from '../../src/core/version.js';
import { putOperation, text } from '../core/operations.js';
import { TestCluster } from './test-cluster.js';

test('the first write of a key takes two rounds, the owner’s next one takes one', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.network.log.length = 0;
  t.like(cluster.written('n1', key, 'a').receipt, { rounds: 2, guarantee: 'linearizable', durableCopies: 2, acks: 2 });
  t.deepEqual(cluster.requestKinds(), ['prepare', 'accept']);
  cluster.timeline.settle();
  cluster.network.log.length = 0;
  t.like(cluster.written('n1', key, 'b').receipt, { rounds: 1, guarantee: 'linearizable', coordinator: 'n1' });
  t.deepEqual(cluster.requestKinds(), ['accept']);
  t.like(cluster.of('n1').node.stats(), { ownerRounds: 1, slowRounds: 1 });
});

test('a home replica that is not the owner writes by the slow path, and the key goes to its primary', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'a');
  t.is(cluster.written('n3', key, 'b').receipt.rounds, 2);
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'b');
});

test('an acknowledged write is on the disks of a majority', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  for (const { store } of cluster.members.values()) store.holdWrites = true;
  const answer = cluster.put('n1', key, 'v');
  for (let i = 0; i < 10 && answer.replies.length === 0; i += 1) {
    cluster.of('n1').store.release();
    cluster.timeline.advance(10);
  }
  t.deepEqual(answer.replies, [], 'one disk is not a majority');
  for (let i = 0; i < 10 && answer.replies.length === 0; i += 1) {
    cluster.of('n1').store.release();
    cluster.of('n2').store.release();
    cluster.timeline.advance(10);
  }
  t.is(cluster.mutated(answer).receipt.durableCopies, 2);
  const copies = [...cluster.members.values()].filter(({ store }) => store.records.get(key)?.state?.value != null);
  t.is(copies.length, 2);
});

test('the owner writes above what the session of its caller has seen elsewhere, at the cost of a round', (t) => {
  const seen = (above: boolean): { order: number; rounds: number; held: (string | null)[] } => {
    const cluster = new TestCluster();
    const key = cluster.key('n1');
    cluster.written('n1', key, 'a');
    cluster.timeline.advance(1_000);
    // What n3 takes at ONE stays there for now.
    cluster.network.passes = ({ from, frame }) => from !== 'n3' || frame.kind !== 'accept';
    const mine = cluster.mutated(cluster.put('n3', key, 'first', { form: 'latency', level: 'ONE' }));
    const more = above ? { above: mine.accepted } : {};
    const later = cluster.mutated(cluster.put('n1', key, 'second', { level: 'QUORUM', ...more }));
    cluster.network.passes = () => true;
    cluster.network.reconnect('n3');
    cluster.timeline.advance(60_000);
    const held = [...cluster.members.values()].map(({ store }) => text(store.records.get(key)?.state?.value ?? null));
    return { order: Math.sign(compareBallots(later.accepted, mine.accepted)), rounds: later.receipt.rounds, held };
  };
  t.deepEqual(seen(true), { order: 1, rounds: 2, held: ['second', 'second', 'second'] });
  t.deepEqual(
    seen(false),
    { order: -1, rounds: 1, held: ['first', 'first', 'first'] },
    'it knows nothing of the session',
  );
});

test('a write is never acknowledged by a node whose disk has failed', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  for (const { store } of cluster.members.values()) store.failure = new Error('no space left');
  const answer = cluster.put('n1', key, 'v', { timeoutMs: 500 });
  t.is(cluster.reply(answer).kind, 'error');
  t.is(cluster.of('n1').fatal[0]?.message, 'no space left');
});

test('a retried operation is answered with its first version, however often it comes and wherever', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const operation = putOperation(cluster.opTime(), 'once');
  const first = cluster.mutated(cluster.mutate('n1', key, operation));
  t.false(first.receipt.replayed);
  const between = cluster.written('n1', key, 'between');
  for (const node of ['n1', 'n2', 'n3']) {
    const again = cluster.mutated(cluster.mutate(node, key, operation));
    t.deepEqual(again.version, first.version);
    t.is(again.existed, first.existed);
    t.true(again.receipt.replayed);
  }
  const read = cluster.value(cluster.get('n2', key));
  t.is(text(read.value), 'between');
  t.deepEqual(read.version, between.version);
});

test('one operation id with two payloads is OP_MISMATCH, and changes nothing', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const opTime = cluster.opTime();
  cluster.mutated(cluster.mutate('n1', key, putOperation(opTime, 'a')));
  t.like(cluster.error(cluster.mutate('n1', key, putOperation(opTime, 'b'))), { code: 'OP_MISMATCH', definite: true });
  t.is(text(cluster.value(cluster.get('n1', key)).value), 'a');
});

test('an operation older than what the key remembers is TOO_OLD, with the floor to mint above', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const old = putOperation(cluster.opTime(), 'old');
  for (let i = 0; i < 40; i += 1) cluster.written('n1', key, `v${i}`);
  const error = cluster.error(cluster.mutate('n1', key, old));
  t.like(error, { code: 'TOO_OLD', definite: true, retryable: false });
  t.true(error.floor! >= old.id.time);
  const fresh = putOperation(cluster.opTime(), 'new');
  t.true(fresh.id.time > error.floor!);
  t.is(cluster.reply(cluster.mutate('n1', key, fresh)).kind, 'mutated');
});

test('a compare-and-set that fails tells the version that is there, and fails the same when it comes again', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const first = cluster.written('n1', key, 'a');
  const create = putOperation(cluster.opTime(), 'b', { expect: 'absent' });
  const failed = cluster.reply(cluster.mutate('n1', key, create));
  t.like(failed, { kind: 'error', version: first.version });
  cluster.mutated(cluster.delete('n1', key));
  t.is(cluster.error(cluster.mutate('n2', key, create)).code, 'CONDITION_FAILED');
  t.is(cluster.value(cluster.get('n3', key)).value, null);
});

test('of two compare-and-sets on one version, one succeeds', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { version } = cluster.written('n1', key, 'a');
  const answers = ['n1', 'n2', 'n3'].map((node) => cluster.put(node, key, `from ${node}`, { expect: version }));
  const replies = answers.map((answer) => cluster.reply(answer).kind);
  t.deepEqual(replies.sort(), ['error', 'error', 'mutated']);
});

test('mutations of a key that wait for its slow path share one round, and each is answered for itself', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const answers = Array.from({ length: 1 + COMBINED_OPERATIONS_MAX }, (_, i) =>
    cluster.put('n1', key, `v${i}`, { expect: 'absent' }),
  );
  const codes = answers.map((answer) => {
    const reply = cluster.reply(answer);
    return reply.kind === 'error' ? reply.error.code : reply.kind;
  });
  t.deepEqual(codes, ['mutated', ...Array.from({ length: COMBINED_OPERATIONS_MAX }, () => 'CONDITION_FAILED')]);
  const { ownerRounds, slowRounds } = cluster.of('n1').node.stats();
  t.true(ownerRounds + slowRounds <= 3, `${ownerRounds + slowRounds} rounds`);
});

test('operations that shared a round have versions of their own', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const answers = Array.from({ length: 5 }, (_, i) => cluster.put('n1', key, `v${i}`));
  const versions = answers.map((answer) => JSON.stringify(cluster.mutated(answer).version));
  t.is(new Set(versions).size, 5);
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'v4');
});

test('coordinators that duel on one key all come to an end, and every write is applied once', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const answers = ['n1', 'n2', 'n3', 'n1', 'n2', 'n3'].map((node, i) => cluster.put(node, key, `v${i}`));
  const versions = answers.map((answer) => JSON.stringify(cluster.mutated(answer).version));
  t.is(new Set(versions).size, 6);
});

test('a deleted key is absent, with the version of its tombstone', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v');
  const deleted = cluster.mutated(cluster.delete('n2', key));
  t.like(deleted, { existed: true, receipt: { operation: 'delete' } });
  t.like(cluster.value(cluster.get('n3', key)), { value: null, version: deleted.version });
});

test('a key that nobody wrote is absent, and the read vouches for that', (t) => {
  const cluster = new TestCluster();
  const read = cluster.value(cluster.get('n1', cluster.key()));
  t.like(read, { value: null, version: NO_VERSION, receipt: { guarantee: 'linearizable', rounds: 1 } });
});

test('a fast node’s refused ballots do not keep the others from writing (D14)', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.of('n3').clock.skewMs = 60_000;
  t.is(cluster.reply(cluster.put('n3', key, 'fast', { timeoutMs: 500 })).kind, 'error');
  t.is(cluster.reply(cluster.put('n1', key, 'right')).kind, 'mutated');
  t.is(text(cluster.value(cluster.get('n2', key)).value), 'right');
});

test('a node whose clock is far ahead says so, and wrote nothing', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  cluster.of('n1').clock.skewMs = 60_000;
  t.like(cluster.error(cluster.put('n1', key, 'fast')), { code: 'CLOCK_SKEW', definite: true });
  t.is(cluster.value(cluster.get('n2', key)).value, null);
});
