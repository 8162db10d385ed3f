import test from 'ava';
import type { Policy } from '../../src/core/policy.js';
import type { PolicyProgress } from '../../src/ports/admin.js';
import type { AnyFrame } from './fake-network.js';
import { TestCluster } from './test-cluster.js';

const NODES = ['n1', 'n2', 'n3'];

/** Asks n1 and lets time pass until the change has ended, or for a minute. */
function change(cluster: TestCluster, policy: Policy, node = 'n1'): PolicyProgress[] {
  const reports: PolicyProgress[] = [];
  cluster.of(node).node.changePolicy(policy, (progress) => reports.push(progress));
  const isOver = (): boolean => ['done', 'refused'].includes(reports.at(-1)?.phase ?? '');
  cluster.timeline.settle();
  for (let ms = 0; ms < 60_000 && !isOver(); ms += 50) cluster.timeline.advance(50);
  cluster.timeline.settle();
  return reports;
}

const stands = (cluster: TestCluster): string[] =>
  NODES.map((node) => {
    const { policy, epoch, settled } = cluster.of(node).node.stand;
    return `${policy} ${epoch}${settled ? '' : ' settling'}`;
  });

function asksForBarrier(frame: AnyFrame): boolean {
  return frame.kind === 'repair' && frame.messages.some(({ kind }) => kind === 'barrier');
}

test('a weaker policy holds at every node at once', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EC' });
  t.is(change(cluster, 'PA/EL').at(-1)?.phase, 'done');
  t.deepEqual(stands(cluster), ['PA/EL 3', 'PA/EL 3', 'PA/EL 3']);
  t.is(cluster.mutated(cluster.put('n2', cluster.key(), 'v')).receipt.policy, 'PA/EL');
});

test('a node that was away learns the weaker policy when its link comes up', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EC' });
  cluster.network.isolate('n3');
  cluster.timeline.advance(2_000);
  t.is(change(cluster, 'PA/EC').at(-1)?.phase, 'done');
  t.is(cluster.of('n3').node.stand.policy, 'PC/EC');
  cluster.network.reconnect('n3');
  cluster.timeline.advance(1_000);
  t.deepEqual(stands(cluster), ['PA/EC 3', 'PA/EC 3', 'PA/EC 3']);
});

test('a stronger policy is refused where a node cannot be reached, and nothing changes', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL' });
  cluster.network.isolate('n3');
  cluster.timeline.advance(2_000);
  const last = change(cluster, 'PC/EC').at(-1)!;
  t.is(last.phase, 'refused');
  t.regex(last.reason!, /n3 cannot be reached/);
  t.is(cluster.of('n1').node.stand.epoch, 1);
});

test('a stronger policy claims nothing until every key whose copies differ is settled', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL' });
  const keys = Array.from({ length: 25 }, () => cluster.key());
  cluster.network.isolate('n3');
  cluster.timeline.advance(2_000);
  for (const key of keys) cluster.mutated(cluster.put('n1', key, 'v', { form: 'latency', level: 'ONE' }));
  // Back, and before anti-entropy has looked: what n3 has missed lies within the time it takes for on its way.
  cluster.network.reconnect('n3');
  cluster.timeline.advance(400);
  const guarantees: string[] = [];
  const reports: PolicyProgress[] = [];
  cluster.of('n1').node.changePolicy('PC/EC', (progress) => reports.push(progress));
  for (let count = 0; count < 400 && reports.at(-1)?.phase !== 'done'; count += 1) {
    const answer = cluster.get('n2', keys[0]!, { level: 'QUORUM' });
    cluster.timeline.advance(5);
    const [reply] = answer.replies;
    const isDone = reports.at(-1)?.phase === 'done';
    if (reply?.kind === 'value' && !isDone) guarantees.push(reply.receipt.guarantee);
  }
  t.is(reports.at(-1)?.phase, 'done');
  t.true(reports.some(({ phase }) => phase === 'settling'));
  t.deepEqual([...new Set(guarantees)], ['quorum']);
  for (const key of keys) {
    const copies = NODES.map((node) => cluster.of(node).store.records.get(key)?.accepted);
    t.deepEqual(copies[1], copies[0]);
    t.deepEqual(copies[2], copies[0]);
  }
  t.deepEqual(stands(cluster), ['PC/EC 3', 'PC/EC 3', 'PC/EC 3']);
  const key = cluster.key();
  t.is(cluster.written('n1', key, 'v').receipt.guarantee, 'linearizable');
});

test('a change that was interrupted goes on when it is asked for again', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const reports: PolicyProgress[] = [];
  cluster.network.passes = ({ frame }) => !asksForBarrier(frame);
  cluster.of('n1').node.changePolicy('PC/EC', (progress) => reports.push(progress));
  cluster.timeline.advance(3_000);
  t.not(reports.at(-1)?.phase, 'done');
  t.is(cluster.written('n2', cluster.key(), 'v').receipt.guarantee, 'quorum');
  cluster.network.passes = () => true;
  t.is(change(cluster, 'PC/EC', 'n2').at(-1)?.phase, 'done');
  t.deepEqual(stands(cluster), ['PC/EC 3', 'PC/EC 3', 'PC/EC 3']);
});

test('the policy outlives the process', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EC' });
  change(cluster, 'PA/EL');
  const notes = cluster.of('n2').store.shelf.list('meta', 'policy', '', 1);
  t.like(JSON.parse(new TextDecoder().decode(notes[0]!.bytes)), { policy: 'PA/EL', epoch: 3, settled: true });
});

test('two nodes asked for two changes at once: one policy holds everywhere, and the other change says so', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL' });
  const told: Record<string, PolicyProgress[]> = { n1: [], n2: [] };
  cluster.of('n1').node.changePolicy('PC/EL', (progress) => told['n1']!.push(progress));
  cluster.of('n2').node.changePolicy('PC/EC', (progress) => told['n2']!.push(progress));
  cluster.timeline.settle();
  cluster.timeline.advance(10_000);
  t.deepEqual(stands(cluster), ['PC/EC 4', 'PC/EC 4', 'PC/EC 4']);
  t.is(told['n2']!.at(-1)?.phase, 'done');
  t.like(told['n1']!.at(-1), { phase: 'refused' });
  t.regex(told['n1']!.at(-1)!.reason!, /another change to PC\/EC/);
});

test('a change is followed by whoever asks for the same one again', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const told: PolicyProgress[][] = [[], []];
  cluster.of('n1').node.changePolicy('PC/EC', (progress) => told[0]!.push(progress));
  cluster.of('n1').node.changePolicy('PC/EC', (progress) => told[1]!.push(progress));
  cluster.timeline.settle();
  cluster.timeline.advance(10_000);
  for (const progress of told)
    t.deepEqual(progress.map(({ phase }) => phase).filter((phase) => phase === 'done').length, 1);
});

test('a change that waits for a node that was lost names it, and PA/EL is the way out', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const reports: PolicyProgress[] = [];
  cluster.written('n1', cluster.key(), 'v', 'ALL');
  cluster.network.passes = ({ frame }) => !asksForBarrier(frame);
  cluster.of('n1').node.changePolicy('PC/EC', (progress) => reports.push(progress));
  cluster.timeline.settle();
  cluster.network.isolate('n3');
  cluster.network.passes = () => true;
  cluster.timeline.advance(10_000);
  t.like(reports.at(-1), { phase: 'settling', waitingFor: ['n1', 'n2', 'n3'] });
  t.is(change(cluster, 'PA/EC').at(-1)?.phase, 'refused');
  t.is(change(cluster, 'PA/EL').at(-1)?.phase, 'done');
  cluster.timeline.advance(1_000);
  t.like(reports.at(-1), { phase: 'refused' });
  t.deepEqual(stands(cluster).slice(0, 2), ['PA/EL 6', 'PA/EL 6']);
  t.true(cluster.mutated(cluster.put('n1', cluster.key('n1'), 'v', { form: 'latency' })).receipt.policy === 'PA/EL');
});

test('a weaker policy is done once every node that can be reached works under it', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EC' });
  cluster.of('n2').store.holdWrites = true;
  const reports: PolicyProgress[] = [];
  cluster.of('n1').node.changePolicy('PA/EL', (progress) => reports.push(progress));
  cluster.timeline.settle();
  cluster.timeline.advance(1_000);
  t.like(reports.at(-1), { phase: 'announcing', waitingFor: ['n2'] });
  t.is(cluster.mutated(cluster.put('n1', cluster.key('n1'), 'v', { form: 'latency' })).receipt.policy, 'PA/EL');
});
