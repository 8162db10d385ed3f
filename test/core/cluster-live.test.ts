import test from 'ava';
import { clusterLive } from '../../src/core/cluster-live.js';
import { LatencyCounts } from '../../src/core/latency-counts.js';
import type { LiveSample } from '../../src/core/live-sample.js';
import { sampleOf } from '../adapters/fake-live.js';

function watched(...samples: readonly (LiveSample | undefined)[]) {
  return samples.map((sample, index) => ({ address: `host:${index + 1}`, node: `n${index + 1}`, sample }));
}

function latencies(...ms: readonly number[]) {
  const counts = new LatencyCounts();
  for (const one of ms) counts.record(one);
  return counts.latency();
}

/** A second in which these ONE reads were answered. */
function secondOf(
  node: string,
  ms: readonly number[],
  errors: Record<string, number>,
  fields: Partial<LiveSample> = {},
) {
  const sample = sampleOf(1, { node, ...fields });
  const [one, ...rest] = sample.levels;
  const reads = { ...one!.reads, count: ms.length, perSecond: ms.length, latency: latencies(...ms), errors };
  return { ...sample, levels: [{ ...one!, reads }, ...rest] };
}

test('counts add up, and percentiles are those of all requests together', (t) => {
  const samples = [
    secondOf('n1', [1, 1, 1], { TIMEOUT: 1 }),
    secondOf('n2', [1, 1, 200], { TIMEOUT: 2, UNAVAILABLE: 1 }),
  ];
  const { reads } = clusterLive(watched(...samples)).levels[0]!;
  t.like(reads, { count: 6, perSecond: 6, checked: 2, stale: 2, errors: { TIMEOUT: 3, UNAVAILABLE: 1 } });
  t.deepEqual(reads.latency, latencies(1, 1, 1, 1, 1, 200));
});

test('a node that tells nothing is silent, and not in the picture', (t) => {
  const live = clusterLive(watched(sampleOf(1), undefined));
  t.deepEqual(
    live.nodes.map(({ node, address, state, ready }) => ({ node, address, state, ready })),
    [
      { node: 'n1', address: 'host:1', state: 'up', ready: true },
      { node: 'n2', address: 'host:2', state: 'silent', ready: false },
    ],
  );
  t.deepEqual(live.levels, clusterLive(watched(sampleOf(1))).levels);
});

test('the policy is the one of the highest epoch, and settled only where all nodes have settled it', (t) => {
  const at = (epoch: number, settled: boolean) =>
    sampleOf(1, {
      policy: { policy: epoch === 3 ? 'PC/EC' : 'PA/EL', epoch, settled, settlingProgress: 1, defaultLevel: 'QUORUM' },
    });
  t.like(clusterLive(watched(at(2, true), at(3, true))).policy, { policy: 'PC/EC', epoch: 3, settled: true });
  t.like(clusterLive(watched(at(3, true), at(3, false))).policy, { epoch: 3, settled: false });
});

test('what every level would have given is that of all samples together', (t) => {
  const { counterfactual, staleness } = clusterLive(watched(sampleOf(1), sampleOf(1, { node: 'n2' })));
  t.like(counterfactual, { share: 0.01, reads: 2, writes: 2 });
  t.like(counterfactual.levels[0]!.reads, {
    asked: 2,
    answered: 2,
    stale: 2,
    staleShare: 1,
    versionsBehind: { mean: 2, max: 2 },
  });
  t.like(counterfactual.levels[2]!.reads, { asked: 2, answered: 0, staleShare: undefined });
  t.deepEqual(
    counterfactual.replicas.map(({ node, reads }) => [node, reads.asked]),
    [['n1', 2]],
  );
  t.deepEqual(staleness[0], { level: 'ONE', reads: 0 });
});

test('estimates are averaged by their reads', (t) => {
  const estimate = (reads: number, predicted: number) =>
    sampleOf(1, {
      staleness: [
        { level: 'ONE', reads, predicted, measured: predicted, calibrationError: 0.1 },
        { level: 'QUORUM', reads: 0 },
        { level: 'ALL', reads: 0 },
      ],
    });
  const { staleness } = clusterLive(watched(estimate(3, 0), estimate(1, 1)));
  t.like(staleness[0], { reads: 4, predicted: 0.25, measured: 0.25 });
  t.true(Math.abs(staleness[0]!.calibrationError! - 0.1) < 1e-12);
});

test('where nobody tells anything the picture is empty', (t) => {
  const live = clusterLive(watched(undefined));
  t.is(live.policy, undefined);
  t.is(live.levels.length, 3);
  t.is(live.levels[0]!.reads.count, 0);
});
