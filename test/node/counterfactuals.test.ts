import test from 'ava';
import type { LevelSample, LiveSample } from '../../src/core/live-sample.js';
import type { Level } from '../../src/core/level.js';
import { TestCluster } from './test-cluster.js';

/** What this node tells at the end of the second. */
function next(cluster: TestCluster, id: string): LiveSample {
  const samples: LiveSample[] = [];
  const end = cluster.of(id).node.live.watch({ onSample: (sample) => samples.push(sample), onEnd: () => undefined })!;
  cluster.timeline.advance(1_000);
  end();
  return samples.at(-1)!;
}

const at = <S extends { readonly level: Level }>(entries: readonly S[], level: Level): S =>
  entries.find((entry) => entry.level === level)!;

const traffic = ({ levels }: LiveSample, level: Level): LevelSample => at(levels, level);

/** Writes that n1 acknowledges and nobody else gets, 100 ms apart. */
function writesOnlyHere(cluster: TestCluster, key: string, count: number): void {
  cluster.written('n1', key, 'known everywhere', 'ALL');
  cluster.network.passes = ({ from, frame }) => from !== 'n1' || frame.kind !== 'accept';
  for (let index = 0; index < count; index += 1) {
    cluster.timeline.advance(100);
    cluster.mutated(cluster.put('n1', key, `value ${index}`, { level: 'ONE', form: 'latency' }));
  }
}

test('replicas that miss acknowledged writes are seen as stale by as many versions and as long', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL', counterfactualShare: 1 });
  const key = cluster.key('n1');
  writesOnlyHere(cluster, key, 3);
  cluster.timeline.advance(50);
  cluster.value(cluster.get('n1', key, { level: 'ONE' }));
  const { counterfactual } = next(cluster, 'n1');
  t.is(counterfactual.reads, 1);
  const replicas = counterfactual.replicas.map(({ node, reads }) => [node, reads.stale, reads.staleShare]);
  t.deepEqual(replicas, [
    ['n1', 0, 0],
    ['n2', 1, 1],
    ['n3', 1, 1],
  ]);
  const { versionsBehind, msBehind } = counterfactual.replicas[1]!.reads;
  t.deepEqual(versionsBehind, { mean: 3, max: 3 });
  t.true(msBehind.max! >= 250 && msBehind.max! < 300, `${msBehind.max}`);
  for (const level of ['ONE', 'QUORUM', 'ALL'] as const)
    t.like(at(counterfactual.levels, level).reads, { asked: 1, answered: 1, stale: 0 }, level);
  t.is(at(counterfactual.levels, 'QUORUM').reads.repairs, 1);
});

test('a read that was answered from a stale replica is counted as such, with what the other levels would have given', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL', counterfactualShare: 1 });
  const key = cluster.key('n1');
  writesOnlyHere(cluster, key, 2);
  cluster.value(cluster.get('n2', key, { level: 'ONE' }));
  const sample = next(cluster, 'n2');
  t.like(traffic(sample, 'ONE').reads, { count: 1, checked: 1, stale: 1 });
  t.like(at(sample.counterfactual.levels, 'ONE').reads, { stale: 1, versionsBehind: { max: 2 } });
  t.like(at(sample.counterfactual.levels, 'ALL').reads, { stale: 0, repairs: 1 });
});

test('replicas that hold the same are fresh, and a quorum read after a write never is stale', (t) => {
  const cluster = new TestCluster({ counterfactualShare: 1 });
  const key = cluster.key('n1');
  for (let index = 0; index < 5; index += 1) {
    cluster.written('n1', key, `value ${index}`);
    cluster.value(cluster.get('n2', key));
  }
  const { levels, counterfactual } = next(cluster, 'n2');
  t.like(at(levels, 'QUORUM').reads, { count: 5, checked: 5, stale: 0 });
  t.like(at(counterfactual.levels, 'QUORUM').reads, { asked: 5, answered: 5, stale: 0 });
});

test('a level that cannot be reached is told as such, for reads and for writes', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL', counterfactualShare: 1 });
  const key = cluster.key('n1');
  writesOnlyHere(cluster, key, 1);
  cluster.network.passes = () => true;
  cluster.network.isolate('n3');
  cluster.value(cluster.get('n1', key, { level: 'ONE' }));
  cluster.timeline.advance(2_000);
  const { counterfactual } = next(cluster, 'n1');
  t.like(at(counterfactual.levels, 'QUORUM').reads, { asked: 1, answered: 1 });
  t.like(at(counterfactual.levels, 'ALL').reads, { asked: 1, answered: 0 });
  // The first write reached all, the second only this node.
  t.like(at(counterfactual.levels, 'ONE').writes, { asked: 2, answered: 2 });
  t.like(at(counterfactual.levels, 'QUORUM').writes, { asked: 2, answered: 1 });
  t.like(at(counterfactual.levels, 'ALL').writes, { asked: 2, answered: 1 });
});

test('an answer does not wait for the sampling of it', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL', counterfactualShare: 1 });
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.network.passes = () => false;
  const answer = cluster.get('n2', key, { level: 'ONE' });
  cluster.timeline.turn();
  t.is(answer.replies.length, 1);
  cluster.timeline.advance(3_000);
  const { counterfactual } = next(cluster, 'n2');
  t.like(at(counterfactual.levels, 'ONE').reads, { asked: 1, answered: 1 });
  t.like(at(counterfactual.levels, 'QUORUM').reads, { asked: 1, answered: 0 });
});

test('nothing is asked of anybody where it is switched off', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL' });
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.network.log.length = 0;
  cluster.value(cluster.get('n2', key, { level: 'ONE' }));
  cluster.timeline.settle();
  t.deepEqual(cluster.network.traffic, []);
  t.like(next(cluster, 'n2').counterfactual, { share: 0, reads: 0, writes: 0 });
});

test('the prediction comes with what was measured on the same reads', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EL', counterfactualShare: 1 });
  const key = cluster.key('n1');
  cluster.written('n1', key, 'v', 'ALL');
  cluster.value(cluster.get('n1', key, { level: 'ONE' }));
  cluster.timeline.advance(3_000);
  cluster.value(cluster.get('n1', key, { level: 'ONE' }));
  const { staleness } = next(cluster, 'n1');
  t.deepEqual(at(staleness, 'ONE'), { level: 'ONE', reads: 1, predicted: 0, measured: 0, calibrationError: 0 });
});
