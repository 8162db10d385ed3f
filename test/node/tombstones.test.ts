/** Deletes stay deleted: what comes late, from wherever, does not bring back what collection has forgotten (rule 17). */
import test, { type ExecutionContext } from 'ava';
import type { Ballot } from '../../src/core/ballot.js';
import type { AcceptMessage } from '../../src/core/peer-message.js';
import type { RepairRequest } from '../../src/core/repair-message.js';
import type { State } from '../../src/core/state.js';
import { TestCluster } from './test-cluster.js';

const NODES = ['n1', 'n2', 'n3'];
const GRACE_MS = 60_000;

interface Forgotten {
  readonly cluster: TestCluster;
  readonly key: string;
  /** The write that was deleted, as it was accepted. */
  readonly ballot: Ballot;
  readonly state: State;
}

function recordAt(cluster: TestCluster, node: string, key: string) {
  return cluster.of(node).store.records.get(key);
}

/** Told once the request has ended. */
function collected(cluster: TestCluster, key: string, node = 'n1'): boolean {
  let answer: boolean | undefined;
  cluster.of(node).node.collect(key, (done) => {
    answer = done;
  });
  for (let ms = 0; ms < 10_000 && answer === undefined; ms += 50) cluster.timeline.advance(50);
  return answer === true;
}

/** A key that was written everywhere, deleted everywhere, and forgotten everywhere. */
function forgotten(t: ExecutionContext): Forgotten {
  const cluster = new TestCluster({ tombstoneGraceMs: GRACE_MS });
  const key = cluster.key('n1');
  cluster.written('n1', key, 'deleted', 'ALL');
  cluster.timeline.advance(100);
  const { accepted: ballot, state } = recordAt(cluster, 'n2', key)!;
  cluster.mutated(cluster.delete('n1', key, { level: 'ALL' }));
  t.false(collected(cluster, key), 'too young');
  cluster.timeline.advance(GRACE_MS + 1_000);
  if (recordAt(cluster, 'n1', key) !== undefined) t.true(collected(cluster, key));
  cluster.timeline.advance(1_000);
  for (const node of NODES) t.is(recordAt(cluster, node, key), undefined, node);
  return { cluster, key, ballot, state: state! };
}

function staysDeleted(t: ExecutionContext, { cluster, key }: Forgotten): void {
  cluster.timeline.advance(30_000);
  for (const node of NODES) {
    t.is(recordAt(cluster, node, key)?.state?.value ?? null, null, `at ${node}`);
    t.is(cluster.value(cluster.get(node, key)).value, null, `through ${node}`);
  }
}

function sendAccept({ cluster }: Forgotten, from: string, to: string, message: AcceptMessage): void {
  const { epochs } = cluster.of(from).node;
  cluster.network.send(from, to, { kind: 'accept', id: 1_000_000, bulk: false, epochs, messages: [message] });
  cluster.timeline.settle();
}

function sendRepair({ cluster }: Forgotten, from: string, to: string, message: RepairRequest): void {
  const { epochs } = cluster.of(from).node;
  cluster.network.send(from, to, { kind: 'repair', id: 1_000_001, bulk: false, epochs, messages: [message] });
  cluster.timeline.settle();
}

test('an accept that was on its way all the time is refused by the floor, at every replica', (t) => {
  const all = forgotten(t);
  const { key, ballot, state } = all;
  for (const [from, to] of [
    ['n1', 'n2'],
    ['n2', 'n3'],
    ['n3', 'n1'],
  ] as const) {
    sendAccept(all, from, to, { kind: 'accept', key, ballot, state });
  }
  staysDeleted(t, all);
});

test('a hint that was kept all the time, and an identity round seeded with it, bring nothing back', (t) => {
  const all = forgotten(t);
  const { key, ballot, state } = all;
  sendRepair(all, 'n1', 'n2', { kind: 'hint', target: 'n3', key, ballot, state });
  sendRepair(all, 'n2', 'n3', { kind: 'settle', key, ballot, state });
  staysDeleted(t, all);
});

test('a replica that was away past every window: nothing is forgotten without it, and then it brings nothing back', (t) => {
  const cluster = new TestCluster({ tombstoneGraceMs: GRACE_MS });
  const key = cluster.key('n1');
  cluster.written('n1', key, 'deleted', 'ALL');
  cluster.timeline.advance(100);
  cluster.network.isolate('n3');
  cluster.timeline.advance(3_000);
  cluster.mutated(cluster.delete('n1', key, { level: 'QUORUM' }));
  cluster.timeline.advance(2 * GRACE_MS);
  t.false(collected(cluster, key), 'n3 still holds the value');
  t.not(recordAt(cluster, 'n1', key), undefined);
  cluster.network.reconnect('n3');
  const { accepted: ballot, state } = recordAt(cluster, 'n3', key)!;
  for (let ms = 0; ms < 60_000 && recordAt(cluster, 'n3', key)?.state?.value !== null; ms += 100)
    cluster.timeline.advance(100);
  cluster.timeline.advance(GRACE_MS + 60_000);
  if (recordAt(cluster, 'n1', key) !== undefined) t.true(collected(cluster, key));
  const all = { cluster, key, ballot, state: state! };
  sendAccept(all, 'n3', 'n1', { kind: 'accept', key, ballot, state: state! });
  staysDeleted(t, all);
});

test('a key that was forgotten can be created again, once', (t) => {
  const { cluster, key } = forgotten(t);
  const created = cluster.mutated(cluster.put('n2', key, 'new', { expect: 'absent', level: 'ALL' }));
  t.is(created.existed, false);
  t.is(cluster.error(cluster.put('n1', key, 'newer', { expect: 'absent' })).code, 'CONDITION_FAILED');
  t.is(Buffer.from(cluster.value(cluster.get('n3', key)).value!).toString(), 'new');
});

test('deletions that are old enough are forgotten by themselves, and counted', (t) => {
  const cluster = new TestCluster({ tombstoneGraceMs: GRACE_MS });
  const keys = Array.from({ length: 100 }, () => cluster.key());
  for (const key of keys) cluster.written('n1', key, 'v', 'ALL');
  cluster.timeline.advance(100);
  for (const key of keys) cluster.mutated(cluster.delete('n2', key, { level: 'ALL' }));
  const left = (): number =>
    NODES.reduce((sum, node) => sum + keys.filter((key) => recordAt(cluster, node, key)).length, 0);
  for (let ms = 0; ms < 10 * GRACE_MS && left() > 0; ms += 1_000) cluster.timeline.advance(1_000);
  t.is(left(), 0);
  t.is(
    NODES.reduce((sum, node) => sum + cluster.of(node).node.stats().repair.collected, 0),
    keys.length,
  );
});
