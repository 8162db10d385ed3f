import test from 'ava';
import { WATCHERS_MAX } from '../../src/core/defaults.js';
import type { LiveSample } from '../../src/core/live-sample.js';
import type { LiveWatcher } from '../../src/ports/live.js';
import { TestCluster } from './test-cluster.js';

function listener(onSample: LiveWatcher['onSample'], onEnd: () => void = () => undefined): LiveWatcher {
  return { onSample, onEnd };
}

function watched(cluster: TestCluster, id: string): { samples: LiveSample[]; end: () => void } {
  const samples: LiveSample[] = [];
  const end = cluster.of(id).node.live.watch(listener((sample) => samples.push(sample)))!;
  return { samples, end };
}

test('a watcher is told each second what clients asked of the node and were answered', (t) => {
  const cluster = new TestCluster();
  const key = cluster.key('n1');
  const { samples } = watched(cluster, 'n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.value(cluster.get('n1', key));
  cluster.value(cluster.get('n1', key));
  cluster.error(cluster.put('n1', key, 'w', { expect: 'absent' }));
  cluster.timeline.advance(1_000);
  const [sample] = samples;
  t.like(sample, {
    node: 'n1',
    sequence: 1,
    seconds: 1,
    ready: true,
    policy: { policy: 'PC/EC', epoch: 1, settled: true },
  });
  const [one, quorum, all] = sample!.levels;
  t.deepEqual([one?.level, quorum?.level, all?.level], ['ONE', 'QUORUM', 'ALL']);
  t.like(quorum?.reads, { count: 2, perSecond: 2, errors: {}, degraded: 0 });
  // A condition that failed is an answer.
  t.like(quorum?.writes, { count: 1, errors: {} });
  t.like(all?.writes, { count: 1 });
  t.is(one?.reads.count, 0);
  cluster.timeline.advance(1_000);
  t.is(samples[1]!.sequence, 2);
  t.true(samples[1]!.levels.every(({ reads, writes }) => reads.count + writes.count === 0));
});

test('a request that is sent on is counted once, where the client asked', (t) => {
  const cluster = new TestCluster({ nodes: ['n1', 'n2', 'n3', 'n4'], replicas: 3 });
  const key = cluster.key('n1', 'n2', 'n3');
  const [asked, carriedOut] = [watched(cluster, 'n4'), watched(cluster, 'n1')];
  cluster.written('n4', key, 'v');
  cluster.timeline.advance(1_000);
  const writes = ({ samples }: typeof asked): number =>
    samples[0]!.levels.reduce((sum, { writes: w }) => sum + w.count, 0);
  t.deepEqual([writes(asked), writes(carriedOut)], [1, 0]);
});

test('errors are counted by code, and what was served below its level as degraded', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.network.isolate('n1');
  cluster.timeline.advance(1_500);
  const { samples } = watched(cluster, 'n1');
  cluster.value(cluster.get('n1', key));
  cluster.error(cluster.put('n1', key, 'w', { expect: 'absent' }));
  cluster.timeline.advance(1_000);
  const quorum = samples[0]!.levels[1]!;
  t.like(quorum.reads, { count: 1, degraded: 1 });
  t.like(quorum.writes, { count: 0, errors: { UNAVAILABLE: 1 } });
});

test('links are told as they are', (t) => {
  const cluster = new TestCluster();
  cluster.timeline.advance(2_000);
  cluster.network.disconnect('n1', 'n3');
  const { samples } = watched(cluster, 'n1');
  cluster.timeline.advance(1_000);
  const [toSecond, toThird] = samples[0]!.links;
  t.like(toSecond, { peer: 'n2', state: 'alive', roundTripMs: 0, clockOffsetMs: 0 });
  t.true(toSecond!.phi! < 1);
  t.like(toThird, { peer: 'n3', state: 'suspected', phi: undefined });
  cluster.timeline.advance(6_000);
  t.is(samples.at(-1)!.links[1]!.state, 'dead');
  t.true(samples.at(-1)!.links[1]!.heardMsAgo! >= 6_000);
});

test('hints are told by the node they are kept for', (t) => {
  const cluster = new TestCluster({ nodes: ['n1', 'n2', 'n3', 'n4'], replicas: 3, policy: 'PA/EL' });
  const key = cluster.key('n1', 'n2', 'n3');
  cluster.network.isolate('n3');
  cluster.timeline.advance(1_500);
  cluster.mutated(cluster.put('n1', key, 'v', { level: 'ALL', form: 'latency' }));
  const { samples } = watched(cluster, 'n4');
  cluster.timeline.advance(1_000);
  t.like(samples[0]!.hints[0], { target: 'n3', kept: 1 });
});

test('whoever has ended watching is told nothing more, and there is room for another', (t) => {
  const cluster = new TestCluster();
  const { live } = cluster.of('n1').node;
  const first = watched(cluster, 'n1');
  const others = Array.from({ length: WATCHERS_MAX - 1 }, () => live.watch(listener(() => undefined)));
  t.true(others.every((end) => end !== undefined));
  t.is(live.watch(listener(() => undefined)), undefined);
  first.end();
  t.not(live.watch(listener(() => undefined)), undefined);
  cluster.timeline.advance(2_000);
  t.is(first.samples.length, 0);
});

test('whoever watches a node that stops is told that it ends', async (t) => {
  const cluster = new TestCluster();
  const { node } = cluster.of('n1');
  let ended = 0;
  node.live.watch(
    listener(
      () => undefined,
      () => (ended += 1),
    ),
  );
  await node.stop();
  t.is(ended, 1);
});
