/** What every consistency level costs and gives, under the names by which it is scraped. */
import type { ReadTally } from '../core/counterfactual-tally.js';
import { LEVELS, type Level } from '../core/level.js';
import type { StalenessEstimate } from '../core/live-sample.js';
import { POLICIES } from '../core/policy.js';
import type { NodeStats } from '../node/stats.js';
import type { HistogramFamily, HistogramSeries, MetricFamily, Sample } from '../ports/metrics.js';
import { counter, counters, gauge, gauges, sample } from './metric-families.js';

const STATES = ['alive', 'suspected', 'dead'] as const;

export function liveMetrics({ live, peers, repair }: NodeStats, bounds: readonly number[]): MetricFamily[] {
  const { stand, degraded } = live;
  return [
    counters(
      'fulcrum_degraded_requests_total',
      'Requests served under PA although their level could not be met.',
      degraded.map(({ operation, level, count }) => sample(count, { operation, level })),
    ),
    gauges(
      'fulcrum_policy',
      'The policy under which the node works (1), and the others (0).',
      POLICIES.map((policy) => sample(Number(policy === stand.policy), { policy })),
    ),
    gauge('fulcrum_policy_epoch', 'How often the policy was changed, counted from 1.', stand.epoch),
    gauge('fulcrum_policy_settled', 'Whether all guarantees of the policy may be claimed (1).', Number(stand.settled)),
    gauge(
      'fulcrum_policy_settling_progress',
      'Share of what has to be settled here for a stronger policy that is done.',
      repair.settlingProgress,
    ),
    gauges(
      'fulcrum_peer_state',
      'Whether the peer is in this state (1) or not (0).',
      peers.flatMap(({ id, verdict }) => STATES.map((state) => sample(Number(state === verdict), { peer: id, state }))),
    ),
    gauges(
      'fulcrum_target_hints',
      'Writes kept here, by the node they are kept for.',
      repair.hints.targets.map(({ target, hints }) => sample(hints, { target })),
    ),
    ...counterfactualCounters(live),
    durations(live, bounds),
    ...stalenessGauges(live.staleness),
    gauge('fulcrum_watchers', 'Streams that are told what happens each second.', live.watchers),
    counter('fulcrum_watchers_dropped_total', 'Streams that were ended for being too slow.', live.watchersDropped),
  ];
}

function counterfactualCounters({ counterfactual, share }: NodeStats['live']): MetricFamily[] {
  return [
    gauge('fulcrum_counterfactual_share', 'Share of the requests that is sampled; 0: switched off.', share),
    counters(
      'fulcrum_checked_reads_total',
      'Sampled reads by the level at which they were answered, and whether the answer was stale.',
      LEVELS.flatMap((level) => {
        const { fresh, stale } = counterfactual.actual[level];
        return [sample(fresh, { level, result: 'fresh' }), sample(stale, { level, result: 'stale' })];
      }),
    ),
    counters(
      'fulcrum_counterfactual_reads_total',
      'Sampled reads by what a level would have answered.',
      LEVELS.flatMap((level) => readResults(counterfactual.levels[level].reads, { level })),
    ),
    counters(
      'fulcrum_counterfactual_replica_reads_total',
      'Sampled reads by what one home replica alone would have answered.',
      Array.from(counterfactual.replicas).flatMap(([replica, reads]) => readResults(reads, { replica })),
    ),
    counters(
      'fulcrum_counterfactual_writes_total',
      'Sampled writes by whether a level was reached.',
      LEVELS.flatMap((level) => {
        const { asked, latency } = counterfactual.levels[level].writes;
        return [
          sample(latency.count, { level, result: 'reached' }),
          sample(asked - latency.count, { level, result: 'missed' }),
        ];
      }),
    ),
  ];
}

function readResults({ asked, answered, stale }: ReadTally, labels: Readonly<Record<string, string>>): Sample[] {
  return [
    sample(answered - stale, { ...labels, result: 'fresh' }),
    sample(stale, { ...labels, result: 'stale' }),
    sample(asked - answered, { ...labels, result: 'unanswered' }),
  ];
}

function durations({ counterfactual }: NodeStats['live'], bounds: readonly number[]): HistogramFamily {
  const series = (operation: 'read' | 'write', level: Level): HistogramSeries => {
    const { latency } = counterfactual.levels[level][operation === 'read' ? 'reads' : 'writes'];
    return {
      labels: { operation, level },
      count: latency.count,
      sum: latency.sumMs / 1_000,
      buckets: latency.between(bounds),
    };
  };
  return {
    kind: 'histogram',
    name: 'fulcrum_counterfactual_duration_seconds',
    help: 'Time that each level would have taken in the coordinator, for sampled requests.',
    bounds,
    series: LEVELS.flatMap((level) => [series('read', level), series('write', level)]),
  };
}

function stalenessGauges(estimates: readonly StalenessEstimate[]): MetricFamily[] {
  const of = (name: string, help: string, read: (one: StalenessEstimate) => number | undefined): MetricFamily =>
    gauges(
      name,
      help,
      estimates.flatMap((one) => {
        const value = read(one);
        return value === undefined ? [] : [sample(value, { level: one.level })];
      }),
    );
  return [
    of(
      'fulcrum_staleness_predicted_ratio',
      'Share of reads predicted to be stale in the last 30 s.',
      (e) => e.predicted,
    ),
    of('fulcrum_staleness_measured_ratio', 'Share of sampled reads found stale in the last 30 s.', (e) => e.measured),
    of(
      'fulcrum_staleness_calibration_error_ratio',
      'How far the prediction was off, on average over ages of the last write.',
      (e) => e.calibrationError,
    ),
  ];
}
