import test from 'ava';
import { wouldHaveOf } from '../../src/console/would-have.js';
import { clusterLive } from '../../src/core/cluster-live.js';

test('a cluster that has told nothing yet would have given nothing', (t) => {
  const { ONE, QUORUM, ALL } = wouldHaveOf(clusterLive([]));
  for (const level of [ONE, QUORUM, ALL]) t.like(level, { asked: 0, p50: undefined, staleShare: undefined });
});

test('shares are of what was asked and of what would have been answered', (t) => {
  const live = clusterLive([]);
  const reads = {
    asked: 10,
    answered: 8,
    stale: 2,
    staleShare: 0.25,
    versionsBehind: {},
    msBehind: {},
    latency: { p50Ms: 1, p99Ms: 9, belowMs: [], counts: [] },
    repairs: 0,
  };
  const levels = live.counterfactual.levels.map((one) => (one.level === 'QUORUM' ? { ...one, reads } : one));
  const staleness = live.staleness.map((one) =>
    one.level === 'QUORUM' ? { ...one, predicted: 0.2, calibrationError: 0.05 } : one,
  );
  const { QUORUM, ALL } = wouldHaveOf({ ...live, counterfactual: { ...live.counterfactual, levels }, staleness });
  t.deepEqual(QUORUM, {
    asked: 10,
    p50: 1,
    p99: 9,
    staleShare: 0.25,
    answeredShare: 0.8,
    predictedStaleShare: 0.2,
    calibrationError: 0.05,
  });
  t.is(ALL.asked, 0);
});
