/** What each level would have given the reads that nodes sampled lately, whatever they were asked at. */
import type { ClusterLive } from '../core/cluster-live.js';
import { LEVELS } from '../core/level.js';
import type { PerLevel, WouldHave } from './api.js';
import { perLevel } from './level-stats.js';

export function wouldHaveOf({ counterfactual, staleness }: ClusterLive): PerLevel<WouldHave> {
  return perLevel((level) => {
    const index = LEVELS.indexOf(level);
    const reads = counterfactual.levels[index]?.reads;
    const estimate = staleness[index];
    return {
      asked: reads?.asked ?? 0,
      p50: reads?.latency.p50Ms,
      p99: reads?.latency.p99Ms,
      staleShare: reads?.staleShare,
      answeredShare: reads === undefined || reads.asked === 0 ? undefined : reads.answered / reads.asked,
      predictedStaleShare: estimate?.predicted,
      calibrationError: estimate?.calibrationError,
    };
  });
}
